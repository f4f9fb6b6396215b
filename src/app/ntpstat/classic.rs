//! The classic lines of `ntpstat`.

use super::thresholds::Limit;
use crate::model::health::{Health, Reading};
use crate::render::classic::escape::escape;

/// The three lines, or those of an unsynchronised daemon. The first ends with a blank.
pub fn lines(health: &Health, limit: Option<&Limit>) -> String {
    let mut text = String::new();
    if health.is_synchronized {
        text += &format!("synchronised to {}", health.source);
        text += &match &health.reference {
            None => String::new(),
            Some(Reading::Known(reference)) => format!(" ({})", escape(reference)),
            Some(Reading::Unreadable) => " <IP unreadable>".into(),
            Some(Reading::Unknown) => " <IP unknown>".into(),
        };
        text += &match &health.stratum {
            Reading::Known(stratum) => format!(" at stratum {} \n", escape(stratum)),
            Reading::Unreadable => ", stratum unreadable\n".into(),
            Reading::Unknown => ", stratum unknown\n".into(),
        };
        text += &match health.maximum_error {
            Reading::Known(error) => {
                format!("   time correct to within {} ms{}\n", rounded(error), excess(error, limit))
            }
            Reading::Unreadable => "accuracy unreadable\n".into(),
            Reading::Unknown => "accuracy unknown\n".into(),
        };
    } else {
        text += "unsynchronised\n";
        if health.is_restarting {
            text += "  time server re-starting\n";
        }
    }
    text + &match health.poll_interval {
        Reading::Known(seconds) => format!("   polling server every {seconds} s\n"),
        Reading::Unreadable => "poll interval unreadable\n".into(),
        Reading::Unknown => "poll interval unknown\n".into(),
    }
}

/// A number without its fraction, as C prints it: even NaN has a sign.
fn rounded(number: f64) -> String {
    match (number.is_nan(), number.is_sign_negative()) {
        (true, true) => "-nan".to_owned(),
        (true, false) => "nan".to_owned(),
        _ => format!("{number:.0}"),
    }
}

fn excess(error: f64, limit: Option<&Limit>) -> String {
    match limit {
        Some(limit) if error > limit.milliseconds => format!(" (exceeded maximum of {} ms)", limit.text),
        _ => String::new(),
    }
}

/// 0 if synchronised, everything is known, and the limit, if any, is met; otherwise 1.
pub fn status(health: &Health, limit: Option<&Limit>) -> u8 {
    let within = limit.is_none_or(|limit| health.is_within(limit.milliseconds));
    u8::from(!health.is_synchronized || health.is_incomplete || !within)
}
