//! The methods that the server knows, from descriptor sets. Whatever a stranger puts into a path must not become a
//! label of a metric or a field of a log line.

use std::collections::HashMap;
use std::sync::Arc;

use prost::Message as _;
use prost_types::FileDescriptorSet;

/// The label of everything else, as OpenTelemetry has it.
const OTHER: &str = "_OTHER";

#[derive(Debug)]
pub(crate) struct Methods {
    by_path: HashMap<String, Arc<str>>,
    other: Arc<str>,
}

impl Methods {
    /// Reads encoded descriptor sets and keeps the methods of the services that are served.
    pub(crate) fn read(descriptors: &[&[u8]], served: &[&str]) -> Self {
        let sets = descriptors
            .iter()
            .map(|bytes| FileDescriptorSet::decode(*bytes).expect("descriptor sets are made at build time"));
        let mut by_path = HashMap::new();
        for file in sets.flat_map(|set| set.file) {
            for service in &file.service {
                let full_name = format!("{}.{}", file.package(), service.name());
                if !served.contains(&full_name.as_str()) {
                    continue;
                }
                for method in &service.method {
                    let name = format!("{full_name}/{}", method.name());
                    by_path.insert(format!("/{name}"), Arc::from(name));
                }
            }
        }
        Self {
            by_path,
            other: Arc::from(OTHER),
        }
    }

    /// The full name of the method that a path calls, without the leading slash.
    pub(crate) fn called(&self, path: &str) -> Arc<str> {
        Arc::clone(self.by_path.get(path).unwrap_or(&self.other))
    }
}
