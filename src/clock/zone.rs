//! The user's time zone.

use jiff::tz::TimeZone;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The zone file used if `TZ` is not set.
const LOCAL: &str = "/etc/localtime";
/// The directory of the zone database.
const ZONES: &str = "/usr/share/zoneinfo";
/// The maximum size of a zone file, in bytes.
const LARGEST: u64 = 1 << 20;

/// The time zone that `TZ` names, else the machine's. Reads one file and does not list the zone database.
pub fn local() -> TimeZone {
    let named = std::env::var("TZ").ok();
    file_of(named.as_deref()).and_then(|path| read(&path)).unwrap_or_else(TimeZone::system)
}

/// The zone file that `TZ` names, if it names one.
fn file_of(named: Option<&str>) -> Option<PathBuf> {
    let Some(name) = named else { return Some(LOCAL.into()) };
    let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
        && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"/_+-".contains(&octet));
    is_name.then(|| Path::new(ZONES).join(name))
}

fn read(path: &Path) -> Option<TimeZone> {
    let mut octets = Vec::new();
    File::open(path).ok()?.take(LARGEST).read_to_end(&mut octets).ok()?;
    let name = path.strip_prefix(ZONES).ok().and_then(Path::to_str).unwrap_or_default();
    TimeZone::tzif(name, &octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_zone_names_lead_to_files() {
        assert_eq!(file_of(None), Some(LOCAL.into()));
        assert_eq!(file_of(Some("Europe/Berlin")), Some("/usr/share/zoneinfo/Europe/Berlin".into()));
        assert_eq!(file_of(Some("Etc/GMT+5")), Some("/usr/share/zoneinfo/Etc/GMT+5".into()));
        for other in [
            "",
            ":Europe/Berlin",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "<-03>3",
            "CET-1CEST,M3.5.0,M10.5.0/3",
        ] {
            assert_eq!(file_of(Some(other)), None, "{other}");
        }
    }

    #[test]
    fn a_zone_file_is_read() {
        let path = Path::new("/usr/share/zoneinfo/Europe/Berlin");
        let Some(zone) = path.exists().then(|| read(path)) else { return };
        let summer = zone.map(|zone| zone.to_datetime(jiff::Timestamp::UNIX_EPOCH).to_string());
        assert_eq!(summer.as_deref(), Some("1970-01-01T01:00:00"));
        assert!(read(Path::new("/etc/passwd")).is_none() && read(Path::new("/nonexistent")).is_none());
    }
}
