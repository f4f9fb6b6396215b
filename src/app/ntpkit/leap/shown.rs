//! The list and its problems, as text, as JSON and as a plugin's line.

use super::Known;
use crate::model::leap_list::{Hash, Leap};
use crate::render::json::object_line;
use crate::text::visible;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Seconds per day.
const DAY: i64 = 86_400;

/// The worst fault of the list itself.
pub fn fault(known: &Known) -> Option<String> {
    let list = &known.list;
    match list.hash {
        Hash::Wrong => return Some("SHA-1 hash mismatch: the list was modified or damaged".into()),
        Hash::Missing => return Some("the list has no SHA-1 hash".into()),
        Hash::Right => {}
    }
    if let Some(line) = list.fault {
        return Some(format!("line {line} is not a valid row"));
    }
    if list.rows.is_empty() {
        return Some("the list has no rows".into());
    }
    match list.expires {
        None => Some("the list has no expiry date".into()),
        Some(expires) if expires <= known.now => {
            Some(format!("the list expired on {}, {} days ago", date(expires), (known.now - expires) / DAY))
        }
        Some(_) => None,
    }
}

/// The sources whose TAI offset differs from the list.
fn disagreements(known: &Known) -> Vec<String> {
    let Some(row) = known.list.row_at(known.now).filter(|_| known.list.is_sound()) else { return Vec::new() };
    let differing = known.offsets.iter().filter(|(_, offset)| *offset != row.tai_offset);
    differing
        .map(|(source, offset)| format!("the {source} has TAI-UTC {offset} s, the list {} s", row.tai_offset))
        .collect()
}

/// A leap second in words.
pub fn announcement(leap: Leap) -> String {
    let what = if leap.is_insertion { "inserted" } else { "deleted" };
    format!("a second is {what} before {}", date(leap.at))
}

/// Lines of text.
pub fn text(known: &Known) -> String {
    let list = &known.list;
    let mut rows = vec![("file", visible(known.file.as_bytes()))];
    rows.push(("hash", list.hash.name().to_owned()));
    rows.extend(list.updated.map(|time| ("updated", date(time))));
    rows.extend(list.expires.map(|time| {
        let days = (time - known.now).div_euclid(DAY);
        let when = if time <= known.now { "expired".to_owned() } else { format!("in {days} days") };
        ("expires", format!("{}, {when}", date(time)))
    }));
    rows.extend(
        list.row_at(known.now)
            .map(|row| ("TAI-UTC", format!("{} s since {}", row.tai_offset, date(row.from)))),
    );
    rows.push((
        "next",
        match list.next(known.now) {
            Some(leap) => announcement(leap),
            None => "no leap second announced".to_owned(),
        },
    ));
    rows.extend(known.offsets.iter().map(|(source, offset)| (*source, format!("TAI-UTC {offset} s"))));
    let mut text: String = rows.iter().map(|(name, value)| format!("{name:8} {value}\n")).collect();
    for problem in fault(known).into_iter().chain(disagreements(known)) {
        text += &format!("problem  {problem}\n");
    }
    text
}

/// One JSON object.
pub fn json(known: &Known) -> String {
    let list = &known.list;
    let other =
        |name: &str| known.offsets.iter().find(|(source, _)| *source == name).map(|(_, offset)| *offset);
    let next = list.next(known.now).map_or(Value::Null, |leap| {
        json!({ "at": moment(leap.at), "kind": if leap.is_insertion { "insertion" } else { "deletion" } })
    });
    let problems: Vec<String> = fault(known).into_iter().chain(disagreements(known)).collect();
    let whole = json!({
        "schema": "ntpkit.leap.v1",
        "file": known.file,
        "hash": list.hash.name(),
        "valid": fault(known).is_none(),
        "updated": list.updated.map(moment),
        "expires": list.expires.map(moment),
        "expires_in_days": list.expires.map(|expires| (expires - known.now).div_euclid(DAY)),
        "tai_offset": list.row_at(known.now).map(|row| row.tai_offset),
        "next": next,
        "kernel_tai_offset": other("kernel"),
        "daemon_tai_offset": other("daemon"),
        "problems": problems,
    });
    object_line(&whole)
}

/// The plugin's line and status.
pub fn check(known: &Known, warning: u32, critical: u32) -> (u8, String) {
    let days = known.list.expires.map(|expires| (expires - known.now).div_euclid(DAY));
    let within = |limit: u32| days.is_some_and(|days| days < i64::from(limit));
    let soon = |days: Option<i64>| format!("the list expires in {} days", days.unwrap_or_default());
    let disagreements = disagreements(known);
    let (state, name, said) = if let Some(fault) = fault(known) {
        (2, "CRITICAL", fault)
    } else if within(critical) {
        (2, "CRITICAL", soon(days))
    } else if !disagreements.is_empty() {
        (1, "WARNING", disagreements.join("; "))
    } else if within(warning) {
        (1, "WARNING", soon(days))
    } else {
        (0, "OK", soon(days))
    };
    let days = days.map_or("U".to_owned(), |days| days.to_string());
    // These are lower limits: `30:` means 30 and more.
    (state, format!("LEAP {name}: {said}|days={days};{warning}:;{critical}:\n"))
}

fn moment(seconds: i64) -> String {
    Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

fn date(seconds: i64) -> String {
    moment(seconds).split('T').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::leap_list::{LeapList, Row};

    const NOW: i64 = 1_780_000_000;

    fn known(days: i64, offsets: Vec<(&'static str, i32)>) -> Known {
        let rows = vec![Row { from: 0, tai_offset: 36 }, Row { from: 1_483_228_800, tai_offset: 37 }];
        let expires = Some(NOW + days * DAY + 1);
        let list = LeapList { updated: None, expires, rows, hash: Hash::Right, fault: None };
        Known { file: "l\x1b".into(), list, now: NOW, offsets }
    }

    #[test]
    fn the_state_depends_on_days_left_and_offsets() {
        for (days, offsets, expected) in [
            (40, vec![], (0, "LEAP OK: the list expires in 40 days|days=40;30:;7:\n")),
            (20, vec![], (1, "LEAP WARNING: the list expires in 20 days|days=20;30:;7:\n")),
            (3, vec![], (2, "LEAP CRITICAL: the list expires in 3 days|days=3;30:;7:\n")),
            (
                40,
                vec![("kernel", 36), ("daemon", 37)],
                (1, "LEAP WARNING: the kernel has TAI-UTC 36 s, the list 37 s|days=40;30:;7:\n"),
            ),
        ] {
            let (state, line) = check(&known(days, offsets), 30, 7);
            assert_eq!((state, line.as_str()), expected);
        }
        let (state, line) = check(&known(-3, vec![]), 30, 7);
        assert!(state == 2 && line.contains("expired on") && line.ends_with("|days=-3;30:;7:\n"), "{line}");
    }

    #[test]
    fn a_damaged_list_is_critical_even_before_it_expires() {
        let mut damaged = known(400, vec![]);
        for hash in [Hash::Wrong, Hash::Missing] {
            damaged.list.hash = hash;
            assert_eq!(check(&damaged, 30, 7).0, 2);
            assert!(text(&damaged).contains("SHA-1 hash"));
        }
        assert!(!text(&damaged).contains('\x1b'));
        let value: Value = serde_json::from_str(&json(&damaged)).unwrap();
        assert_eq!((&value["valid"], &value["hash"]), (&false.into(), &"missing".into()));
    }
}
