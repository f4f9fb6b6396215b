//! Sets the hardware clock after the system clock.

use crate::client::system_error::SystemError;
use crate::clock::setting::SettableClock;
use anyhow::{Context as _, anyhow};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Unit};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The hardware clock devices.
const DEVICES: [&str; 2] = ["/dev/rtc0", "/dev/rtc"];
/// The file that says whether the hardware clock runs on local time.
const ADJUSTMENT_FILE: &str = "/etc/adjtime";
/// Larger than its three lines can be, in bytes.
const READ_LIMIT: u64 = 4096;

/// Sets the hardware clock to this clock's time plus this many nanoseconds, as `hwclock --systohc` does.
///
/// # Errors
/// Why it cannot be set.
pub fn set(clock: &dyn SettableClock, ahead: i128) -> anyhow::Result<()> {
    let device = DEVICES.iter().map(Path::new).find(|device| device.exists());
    let device = device.context("no /dev/rtc0")?;
    let zone = zone(adjustment(), || TimeZone::try_system().ok())?;
    let time = shown(clock.now(), ahead, zone).context("the time cannot be represented")?;
    clock.set_hardware(device, time).map_err(SystemError::from).with_context(|| device.display().to_string())
}

/// Rounds to a whole second, the resolution of a hardware clock.
fn shown(now: Timestamp, ahead: i128, zone: TimeZone) -> Option<DateTime> {
    let ahead = SignedDuration::from_nanos(i64::try_from(ahead).ok()?);
    let time = now.checked_add(ahead).ok()?.round(Unit::Second).ok()?;
    Some(time.to_zoned(zone).datetime())
}

/// The contents of the file that `hwclock` keeps.
fn adjustment() -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    File::open(ADJUSTMENT_FILE)?.take(READ_LIMIT).read_to_end(&mut octets)?;
    Ok(octets)
}

/// The time zone of the hardware clock. It is UTC if there is no file or no third line. A guess could set the hardware
/// clock wrong by hours.
fn zone(file: io::Result<Vec<u8>>, local: impl Fn() -> Option<TimeZone>) -> anyhow::Result<TimeZone> {
    let file = match file {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(TimeZone::UTC),
        file => file.map_err(SystemError::from).context(ADJUSTMENT_FILE)?,
    };
    match file.split(|octet| *octet == b'\n').nth(2).map_or(&b""[..], <[u8]>::trim_ascii) {
        b"" | b"UTC" => Ok(TimeZone::UTC),
        b"LOCAL" => local().filter(|zone| !zone.is_unknown()).with_context(|| {
            format!("it runs on local time according to {ADJUSTMENT_FILE}, but the time zone of this machine is unknown")
        }),
        _ => Err(anyhow!("{ADJUSTMENT_FILE}: line 3 is neither UTC nor LOCAL")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(file: io::Result<Vec<u8>>, local: impl Fn() -> Option<TimeZone>) -> Result<TimeZone, String> {
        super::zone(file, local).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn an_unknown_zone_is_an_error() {
        let east = || Some(TimeZone::fixed(jiff::tz::offset(3)));
        let file = |text: &str| Ok(text.as_bytes().to_vec());
        assert_eq!(zone(file("0.0 0 0.0\n0\nLOCAL\n"), east), Ok(east().unwrap()));
        for text in ["0.0 0 0.0\n0\nUTC\n", "0.0 0 0.0\n0\n", "", "0\n0\nUTC"] {
            assert_eq!(zone(file(text), east), Ok(TimeZone::UTC), "{text}");
        }
        let nobody: fn() -> Option<TimeZone> = || None;
        let unknown: fn() -> Option<TimeZone> = || Some(TimeZone::unknown());
        for local in [nobody, unknown] {
            let error = zone(file("0.0 0 0.0\n0\nLOCAL\n"), local).unwrap_err();
            assert!(error.ends_with("the time zone of this machine is unknown"), "{error}");
        }
        assert!(zone(file("0\n0\nlokal\n"), east).unwrap_err().contains("line 3"));
        assert_eq!(zone(Err(io::ErrorKind::NotFound.into()), east), Ok(TimeZone::UTC));
        let refused = nix::errno::Errno::EACCES.into();
        assert_eq!(zone(Err(refused), east).unwrap_err(), "/etc/adjtime: Permission denied");
    }

    #[test]
    fn the_time_is_rounded_to_the_nearest_second() {
        let now = Timestamp::from_millisecond(1_795_824_000_400).unwrap();
        for (ahead, second) in [(0, 0), (99_000_000, 0), (100_000_001, 1), (-901_000_000, 59)] {
            assert_eq!(shown(now, ahead, TimeZone::UTC).map(DateTime::second), Some(second));
        }
        assert_eq!(shown(now, i128::MAX, TimeZone::UTC), None);
    }
}
