//! The reader behind every typed configuration: it hands out values, remembers what was asked for, and collects all
//! faults instead of stopping at the first. A fault names the setting and the way out, never the value of a secret.

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use super::Secret;

/// A setting that was asked for, as help texts and documents list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The variable.
    pub name: &'static str,
    /// What holds without it; empty means unset.
    pub default: String,
    /// What it is, in one line.
    pub help: &'static str,
    /// Whether `NAME_FILE` is read as well.
    pub secret: bool,
}

/// Every fault of the settings, one a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    faults: Vec<String>,
}

impl std::error::Error for ConfigError {}

impl Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings are not usable:")?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl ConfigError {
    /// The faults in the order they were found.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

/// Reads settings. An empty value means unset.
#[derive(Debug)]
pub struct Settings {
    values: HashMap<String, Secret>,
    help: &'static str,
    declared: Vec<Declared>,
    faults: Vec<String>,
}

impl Settings {
    /// Reads the environment of the process.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the environment is read"
    )]
    pub fn from_env() -> Self {
        let pairs = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::from_pairs(pairs)
    }

    /// Takes given pairs in place of the environment. For tests and for whoever starts a service in its own process.
    pub fn from_pairs<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let values = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), Secret::new(value)))
            .filter(|(_, value)| !value.expose().is_empty())
            .collect();
        Self {
            values,
            help: "",
            declared: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Gives a setting this value, whatever it had.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.remove(&format!("{name}_FILE"));
        self.values.insert(name.to_owned(), Secret::new(value));
    }

    /// Says what the setting read next is, for help texts.
    pub fn about(&mut self, help: &'static str) -> &mut Self {
        self.help = help;
        self
    }

    /// A setting with a default.
    pub fn parse_or<T>(&mut self, name: &'static str, default: T) -> T
    where
        T: FromStr<Err: Display> + Display,
    {
        self.declare(name, default.to_string(), false);
        self.parse(name).unwrap_or(default)
    }

    /// A setting that may be absent.
    pub fn optional<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        self.declare(name, String::new(), false);
        self.parse(name)
    }

    /// A setting that must be given; `None` means that a fault was noted.
    pub fn required<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        self.declare(name, "required".to_owned(), false);
        if !self.values.contains_key(name) {
            self.fault(name, "is not set and has no default");
        }
        self.parse(name)
    }

    /// A comma separated list; unset means empty.
    pub fn list<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Vec<T> {
        self.declare(name, String::new(), false);
        let Some(text) = self.text(name) else {
            return Vec::new();
        };
        let items = text
            .expose()
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        items.filter_map(|item| self.parsed(name, item)).collect()
    }

    /// A switch: `true` or `false`, `on` or `off`, `1` or `0`.
    pub fn flag(&mut self, name: &'static str, default: bool) -> bool {
        self.declare(name, default.to_string(), false);
        let Some(text) = self.text(name) else {
            return default;
        };
        match text.expose() {
            "true" | "on" | "1" => true,
            "false" | "off" | "0" => false,
            _ => {
                self.fault(name, "is neither true nor false");
                default
            }
        }
    }

    /// A number of milliseconds; by custom the name ends in `_MS`.
    pub fn millis(&mut self, name: &'static str, default: Duration) -> Duration {
        let default_ms = u64::try_from(default.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.parse_or(name, default_ms))
    }

    /// A number within bounds.
    pub fn within<T>(&mut self, name: &'static str, default: T, bounds: std::ops::RangeInclusive<T>) -> T
    where
        T: FromStr<Err: Display> + Display + PartialOrd + Copy,
    {
        let value = self.parse_or(name, default);
        if !bounds.contains(&value) {
            self.fault(
                name,
                format_args!("must lie between {} and {}", bounds.start(), bounds.end()),
            );
            return default;
        }
        value
    }

    /// A secret that may be absent, from `NAME` or from the file that `NAME_FILE` names. A trailing newline of the
    /// file is not part of it.
    pub fn secret(&mut self, name: &'static str) -> Option<Secret> {
        self.declare(name, String::new(), true);
        self.read_secret(name)
    }

    /// A secret that must be given; `None` means that a fault was noted.
    pub fn required_secret(&mut self, name: &'static str) -> Option<Secret> {
        self.declare(name, "required".to_owned(), true);
        let given = self.values.contains_key(name) || self.values.contains_key(&format!("{name}_FILE"));
        if !given {
            self.fault(
                name,
                format_args!("is not set; give it, or the path of a file that holds it as {name}_FILE"),
            );
        }
        self.read_secret(name)
    }

    /// A file, named by its path and read whole.
    pub fn file(&mut self, name: &'static str) -> Option<Vec<u8>> {
        self.declare(name, String::new(), false);
        let path = self.text(name)?;
        match std::fs::read(Path::new(path.expose())) {
            Ok(content) => Some(content),
            Err(error) => {
                self.fault(
                    name,
                    format_args!("names a file that cannot be read ({}): {error}", path.expose()),
                );
                None
            }
        }
    }

    /// Notes a fault that only the caller can see. The text must not contain a secret.
    pub fn fault(&mut self, name: &str, what: impl Display) {
        self.faults.push(format!("{name} {what}"));
    }

    /// What has been asked for so far.
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// What has been asked for so far, one setting a line, for `--help`.
    pub fn help(&self) -> String {
        let longest = self.declared.iter().map(|setting| setting.name.len()).max();
        let width = longest.unwrap_or_default() + 1;
        let lines = self.declared.iter().map(|setting| {
            let default = match setting.default.as_str() {
                "" => String::new(),
                default => format!(" [{default}]"),
            };
            format!("  {:<width$}{}{default}", setting.name, setting.help)
        });
        let head =
            "Settings, from the environment; a secret is also read from the file that NAME_FILE names:";
        std::iter::once(head.to_owned())
            .chain(lines)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The value, unless there was a fault.
    ///
    /// # Errors
    ///
    /// All faults together.
    pub fn finish<T>(self, value: T) -> Result<T, ConfigError> {
        if self.faults.is_empty() {
            Ok(value)
        } else {
            Err(ConfigError { faults: self.faults })
        }
    }

    /// The value whose parts were required, unless there was a fault.
    ///
    /// # Errors
    ///
    /// All faults together.
    pub fn finish_some<T>(self, value: Option<T>) -> Result<T, ConfigError> {
        self.finish(value)
            .map(|value| value.expect("a missing part was noted as a fault"))
    }

    fn declare(&mut self, name: &'static str, default: String, secret: bool) {
        let help = std::mem::take(&mut self.help);
        self.declared.push(Declared {
            name,
            default,
            help,
            secret,
        });
    }

    fn text(&self, name: &str) -> Option<Secret> {
        self.values.get(name).cloned()
    }

    fn parse<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        self.parsed(name, text.expose().trim())
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str, text: &str) -> Option<T> {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(name, format_args!("is {text:?}: {error}"));
                None
            }
        }
    }

    fn read_secret(&mut self, name: &str) -> Option<Secret> {
        let file_name = format!("{name}_FILE");
        match (self.text(name), self.text(&file_name)) {
            (Some(_), Some(_)) => {
                self.fault(name, format_args!("and {file_name} are both set; keep one"));
                None
            }
            (Some(secret), None) => Some(secret),
            (None, Some(path)) => self.secret_in(&file_name, path.expose()),
            (None, None) => None,
        }
    }

    fn secret_in(&mut self, name: &str, path: &str) -> Option<Secret> {
        match std::fs::read_to_string(path).map(Secret::new) {
            Ok(text) if text.expose().trim_end_matches(['\r', '\n']).is_empty() => {
                self.fault(name, format_args!("names an empty file ({path})"));
                None
            }
            Ok(text) => Some(Secret::new(text.expose().trim_end_matches(['\r', '\n']))),
            Err(error) => {
                self.fault(
                    name,
                    format_args!("names a file that cannot be read ({path}): {error}"),
                );
                None
            }
        }
    }
}
