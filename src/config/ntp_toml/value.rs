//! Values: whether the daemon can read them.

use super::schema::{Bounds, Kind};
use std::net::{IpAddr, SocketAddr};
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// What is wrong with a value, in words that follow its name.
pub type Fault = String;

/// Returns what is wrong with a value; tables of settings are checked elsewhere.
pub fn fault(kind: Kind, value: &DeValue<'_>) -> Option<Fault> {
    let is_right = match kind {
        Kind::Flag => value.is_bool(),
        Kind::Whole(low, high) => whole(value).is_some_and(|number| (low..=high).contains(&number)),
        Kind::Real => real(value).is_some(),
        Kind::Seconds => real(value).is_some_and(f64::is_finite),
        Kind::Threshold => is_threshold(value),
        Kind::Text | Kind::Certificate => value.is_str(),
        Kind::Socket => value.as_str().is_some_and(|text| text.parse::<SocketAddr>().is_ok()),
        Kind::Address => value.as_str().is_some_and(is_address),
        Kind::Addresses => is_list(value, |text| text.parse::<IpAddr>().is_ok()),
        Kind::Texts => is_list(value, |_| true),
        Kind::Filter => is_filter(value),
        Kind::Polls(bounds) => are_polls(value, bounds),
        Kind::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        Kind::FlagOrWord(words) => {
            value.is_bool() || value.as_str().is_some_and(|word| words.contains(&word))
        }
        Kind::Version => value.as_str() == Some("auto") || matches!(whole(value), Some(4 | 5)),
        Kind::Versions(least) => value.as_array().is_some_and(|all| {
            all.iter().all(|one| whole(one.get_ref()).is_some_and(|version| (least..=5).contains(&version)))
        }),
        Kind::Table(_) => value.is_table(),
    };
    (!is_right).then(|| format!("must be {}", expected(kind)))
}

/// Describes the values that are possible.
fn expected(kind: Kind) -> String {
    let fixed = match kind {
        Kind::Flag => "true or false",
        Kind::Whole(0, i64::MAX) => "a non-negative whole number",
        Kind::Whole(low, high) => return format!("a whole number from {low} to {high}"),
        Kind::Real => "a number",
        Kind::Seconds => "a number of seconds",
        Kind::Threshold => r#"a number of seconds, "inf", or { forward = ..., backward = ... }"#,
        Kind::Text => "a string",
        Kind::Certificate => "the path of a certificate file",
        Kind::Socket => r#"an address with a port, such as "[::]:123""#,
        Kind::Address => r#"a host with or without a port, such as "ntp.example:123""#,
        Kind::Addresses => "a list of IP addresses",
        Kind::Texts => "a list of strings",
        Kind::Filter => r#"{ filter = ["192.0.2.0/24", ...], action = "ignore" or "deny" }"#,
        Kind::Polls(Bounds::Both) => "{ min = ..., max = ... }, in log2 seconds",
        Kind::Polls(Bounds::Some) => "{ min = ... }, { max = ... } or both, in log2 seconds",
        Kind::Word(words) => return format!("one of {}", words.join(", ")),
        Kind::FlagOrWord(words) => return format!("true, false or one of {}", words.join(", ")),
        Kind::Version => r#"4, 5 or "auto""#,
        Kind::Versions(3) => "a list of 3, 4 and 5",
        Kind::Versions(_) => "a list of 4 and 5",
        Kind::Table(_) => "a table",
    };
    fixed.to_owned()
}

/// The value as a whole number, if it is one of 64 bits.
pub fn whole(value: &DeValue<'_>) -> Option<i64> {
    let number: &DeInteger<'_> = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// The value as a number, whole or not.
pub fn real(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Float(number) => number.as_str().parse().ok(),
        // The daemon rounds large ones, too.
        #[expect(clippy::cast_precision_loss, reason = "only compared")]
        _ => whole(value).map(|number| number as f64),
    }
}

/// Looks up a setting in a table.
pub fn get<'t, 'i>(table: &'t DeTable<'i>, name: &str) -> Option<&'t Spanned<DeValue<'i>>> {
    table.get(name)
}

/// Whether this is a step threshold that lets every step pass, in at least one direction.
pub fn is_unlimited(value: &DeValue<'_>) -> bool {
    let is_inf = |value: &DeValue<'_>| value.as_str() == Some("inf");
    is_inf(value)
        || value.as_table().is_some_and(|parts| {
            let part = |name| get(parts, name).is_none_or(|value| is_inf(value.get_ref()));
            part("forward") || part("backward")
        })
}

fn is_threshold(value: &DeValue<'_>) -> bool {
    let is_part = |value: &DeValue<'_>| value.as_str() == Some("inf") || real(value).is_some();
    match value {
        DeValue::Table(parts) => parts.iter().all(|(name, part)| {
            matches!(name.get_ref().as_ref(), "forward" | "backward") && is_part(part.get_ref())
        }),
        DeValue::String(text) => text == "inf",
        _ => real(value).is_some_and(|number| number.is_finite() && number >= 0.0),
    }
}

/// Whether the daemon can split this into host and port: it looks up the host later.
fn is_address(text: &str) -> bool {
    match text.split(':').count() {
        1 => true,
        2 => text.split_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()),
        _ => text.parse::<SocketAddr>().is_ok() || format!("[{text}]:123").parse::<SocketAddr>().is_ok(),
    }
}

fn is_list(value: &DeValue<'_>, is_right: impl Fn(&str) -> bool) -> bool {
    let all = value.as_array();
    all.is_some_and(|all| all.iter().all(|one| one.get_ref().as_str().is_some_and(&is_right)))
}

fn is_network(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = match address.parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

/// Other keys are ignored there.
fn is_filter(value: &DeValue<'_>) -> bool {
    let Some(parts) = value.as_table() else { return false };
    get(parts, "filter").is_some_and(|filter| is_list(filter.get_ref(), is_network))
        && get(parts, "action")
            .is_some_and(|action| matches!(action.get_ref().as_str(), Some("ignore" | "deny")))
}

/// Other keys are ignored there.
fn are_polls(value: &DeValue<'_>, bounds: Bounds) -> bool {
    let Some(parts) = value.as_table() else { return false };
    let of = |name| get(parts, name).map(|value| whole(value.get_ref()).map(i8::try_from));
    let is_right = |bound| match bound {
        None => bounds == Bounds::Some,
        Some(number) => matches!(number, Some(Ok(_))),
    };
    is_right(of("min")) && is_right(of("max"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_right_or_wrong() {
        for (kind, right, wrong) in [
            (Kind::Flag, &["true"][..], &["1", "'true'"][..]),
            (Kind::Whole(0, 255), &["0", "255", "0o17", "0xff", "1_0"], &["256", "-1", "1.0", "'1'"]),
            (Kind::Real, &["1", "-1.5", "inf", "1e9"], &["'1'", "[]"]),
            (Kind::Seconds, &["1", "0.5"], &["inf", "nan"]),
            (
                Kind::Threshold,
                &["1", "'inf'", "{forward=-1}", "{forward='inf',backward=86400}"],
                &["-1", "'x'", "inf", "{forwards=1}", "{forward='x'}", "true"],
            ),
            (Kind::Socket, &["'[::]:123'", "'0.0.0.0:123'"], &["'0.0.0.0'", "'*:123'", "123"]),
            (
                Kind::Address,
                &["'a'", "'a:123'", "'::1'", "'[::1]:123'", "''"],
                &["'a:99999'", "'a:b:c'", "'a:'", "1"],
            ),
            (Kind::Addresses, &["[]", "['127.0.0.1','::1']"], &["['a']", "'::1'", "[1]"]),
            (Kind::Texts, &["['a']"], &["[1]"]),
            (
                Kind::Filter,
                &["{filter=['192.0.2.0/24','::/0'],action='deny'}"],
                &[
                    "{filter=['192.0.2.0'],action='deny'}",
                    "{filter=['192.0.2.0/33'],action='deny'}",
                    "{filter=['::/129'],action='deny'}",
                    "{filter=['a/1'],action='deny'}",
                    "{filter=[]}",
                    "{filter=[],action='drop'}",
                ],
            ),
            (Kind::Polls(Bounds::Both), &["{min=4,max=10}"], &["{min=4}", "{min=4,max=200}", "4"]),
            (Kind::Polls(Bounds::Some), &["{min=4}", "{max=10}"], &["{min=4.5}"]),
            (Kind::FlagOrWord(&["deny"]), &["false", "'deny'"], &["'drop'"]),
            (Kind::Version, &["4", "5", "'auto'"], &["3", "'4'"]),
            (Kind::Versions(3), &["[3,4,5]"], &["[2]", "4"]),
            (Kind::Versions(4), &["[4]"], &["[3]"]),
        ] {
            for (texts, is_right) in [(right, true), (wrong, false)] {
                for text in texts {
                    let value = DeValue::parse(text).unwrap();
                    assert_eq!(fault(kind, value.get_ref()).is_none(), is_right, "{kind:?} {text}");
                }
            }
        }
    }

    #[test]
    fn a_threshold_without_a_limit_is_recognised() {
        for (text, is_unlimited_there) in [
            ("'inf'", true),
            ("{forward='inf'}", true),
            ("{forward=1}", true),
            ("1000", false),
            ("{forward=1,backward=1}", false),
        ] {
            assert_eq!(is_unlimited(DeValue::parse(text).unwrap().get_ref()), is_unlimited_there, "{text}");
        }
    }
}
