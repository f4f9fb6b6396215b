//! The current web configuration, reloaded when one of its files changes.

use super::log::{Level, Log};
use super::web_config::WebConfig;
use crate::clock::monotonic;
use std::cell::{Cell, RefCell};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// The interval of checks for changes.
const INTERVAL: Duration = Duration::from_secs(1);

/// The identity and version of a file.
type Look = Option<(u64, u64, i64, i64)>;

/// The configuration, if a file is given.
pub struct Web {
    path: Option<PathBuf>,
    config: RefCell<Rc<WebConfig>>,
    looks: RefCell<Vec<Look>>,
    looked: Cell<Duration>,
}

impl Web {
    /// Reads the file, if one is given.
    ///
    /// # Errors
    /// The fault in the file.
    pub fn read(path: Option<PathBuf>) -> anyhow::Result<Self> {
        let config = path.as_deref().map(WebConfig::read).transpose()?.unwrap_or_default();
        let looks = RefCell::new(looks(&config));
        let looked = Cell::new(monotonic());
        Ok(Self { path, config: RefCell::new(Rc::new(config)), looks, looked })
    }

    /// Returns the current configuration. If the file has become unreadable, the last one stays in use.
    pub fn now(&self, log: &Log) -> Rc<WebConfig> {
        let now = monotonic();
        let known = Rc::clone(&self.config.borrow());
        let Some(path) = self.path.as_ref().filter(|_| now.saturating_sub(self.looked.get()) >= INTERVAL)
        else {
            return known;
        };
        self.looked.set(now);
        let seen = looks(&known);
        if *self.looks.borrow() == seen {
            return known;
        }
        match WebConfig::read(path) {
            Ok(config) => {
                log.write(Level::Info, "Web configuration read again", &[("file", &path.to_string_lossy())]);
                self.looks.replace(looks(&config));
                let config = Rc::new(config);
                self.config.replace(Rc::clone(&config));
                config
            }
            Err(error) => {
                let cause = format!("{error:#}");
                log.write(
                    Level::Error,
                    "Web configuration is unusable: the last one stays",
                    &[("err", &cause)],
                );
                self.looks.replace(seen);
                known
            }
        }
    }
}

fn looks(config: &WebConfig) -> Vec<Look> {
    let look = |path: &PathBuf| {
        let status = fs::metadata(path).ok()?;
        Some((status.ino(), status.size(), status.mtime(), status.mtime_nsec()))
    };
    config.files.iter().map(look).collect()
}
