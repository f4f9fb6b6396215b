//! The web configuration as its files are now: it is read again when one of them has changed.

use super::log::{Level, Log};
use super::web_config::WebConfig;
use crate::clock::monotonic;
use std::cell::{Cell, RefCell};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(1);

/// What a file is like: another one, or other contents, look different.
type Look = Option<(u64, u64, i64, i64)>;

/// The configuration, if there is a file.
pub struct Web {
    path: Option<PathBuf>,
    config: RefCell<Rc<WebConfig>>,
    looks: RefCell<Vec<Look>>,
    looked: Cell<Duration>,
}

impl Web {
    /// Reads the file, if there is one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(path: Option<PathBuf>) -> anyhow::Result<Self> {
        let config = path.as_deref().map(WebConfig::read).transpose()?.unwrap_or_default();
        let looks = RefCell::new(looks(&config));
        let looked = Cell::new(monotonic());
        Ok(Self { path, config: RefCell::new(Rc::new(config)), looks, looked })
    }

    /// The configuration. One that cannot be read any more stays as it was.
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
