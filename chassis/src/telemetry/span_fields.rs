//! The fields of a span as JSON. Every call has a span, whether or not anything is ever logged in it, and the format that
//! comes with `tracing-subscriber` makes a tree of values of them first.

use std::fmt;

use serde::Serializer as _;
use tracing::span::Record;
use tracing_serde::SerdeMapVisitor;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FormatFields, FormattedFields};

/// The fields of a call fit in.
const TYPICAL_BYTES: usize = 160;

/// For `tracing-subscriber`'s JSON lines, which read the fields of a span as the JSON object that this writes.
pub(super) struct SpanFields;

impl<'writer> FormatFields<'writer> for SpanFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        writer.write_str(&object(fields)?)
    }

    /// Of two values under one name the later one counts, as in any JSON object that serde_json reads. Both stay in the
    /// text: not for a span that lives long and has a field recorded again and again.
    fn add_fields(&self, current: &'writer mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        let added = object(fields)?;
        match (current.fields.strip_suffix('}'), added.as_str()) {
            (_, "{}") => {}
            (None | Some("{"), added) => current.fields = added.to_owned(),
            (Some(known), added) => current.fields = format!("{known},{}", &added[1..]),
        }
        Ok(())
    }
}

fn object(fields: impl RecordFields) -> Result<String, fmt::Error> {
    let mut json = Vec::with_capacity(TYPICAL_BYTES);
    let mut serializer = serde_json::Serializer::new(&mut json);
    let map = serializer.serialize_map(None).map_err(|_| fmt::Error)?;
    let mut visitor = SerdeMapVisitor::new(map);
    fields.record(&mut visitor);
    visitor.finish().map_err(|_| fmt::Error)?;
    String::from_utf8(json).map_err(|_| fmt::Error)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What a line says of the span that it was logged in.
    fn span_of_line(log: impl FnOnce()) -> Value {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .fmt_fields(SpanFields)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, log);
        let line: Value = serde_json::from_slice(&lines.0.lock().unwrap()).unwrap();
        line["span"].clone()
    }

    #[test]
    fn a_line_has_the_fields_of_its_span_whatever_is_in_them() {
        let span = span_of_line(|| {
            let span = tracing::info_span!("call", request.id = "a\"b\\c\n\u{1}ü", tries = 3, fast = true, at = ?Some(1));
            span.in_scope(|| tracing::info!("here"));
        });
        let expected = json!({
            "name": "call", "request.id": "a\"b\\c\n\u{1}ü", "tries": 3, "fast": true, "at": "Some(1)",
        });
        assert_eq!(span, expected);
    }

    #[test]
    fn what_is_recorded_later_is_added_or_takes_the_place_of_what_was_there() {
        let span = span_of_line(|| {
            let empty = tracing::field::Empty;
            let span = tracing::info_span!("call", first = "one", second = empty);
            span.record("first", "two").record("second", "three");
            span.in_scope(|| tracing::info!("here"));
        });
        assert_eq!(span, json!({"name": "call", "first": "two", "second": "three"}));
        let span = span_of_line(|| {
            let empty = tracing::field::Empty;
            let span = tracing::info_span!("call", late = empty);
            span.record("late", 1);
            span.in_scope(|| tracing::info!("here"));
        });
        assert_eq!(span, json!({"name": "call", "late": 1}));
    }
}
