//! What READVAR, READSTAT and READCLOCK have in common: the selection of variables, their order and the formatting of
//! values.

use super::overrides::{Override, Overrides};
use super::reply::ReplyData;
use crate::wire::control::ErrorCode;

/// The names of one kind of variables, in comma-separated lists.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    /// All names. Replies to requests by name have this order, whatever the order of the request.
    pub(super) known: &'static str,
    /// The default set.
    pub(super) unasked: &'static str,
}

/// Builds the reply to a request for the variables named in `request`, or for the default set.
///
/// `value` returns the value of a name, if it has one; it is called for known names only.
///
/// # Errors
/// [`ErrorCode::UNKNOWN_VARIABLE`], for the whole request, if one of the names is not known.
pub(super) fn answer(
    names: Names,
    request: &[u8],
    overrides: &Overrides,
    value: impl Fn(&str) -> Option<Vec<u8>>,
) -> Result<ReplyData, ErrorCode> {
    let asked = asked_names(request);
    let known = |name: &[u8]| {
        names.known.split(',').any(|ours| ours.as_bytes() == name)
            || overrides.names().any(|ours| ours.as_bytes() == name)
    };
    if !asked.iter().all(|name| known(name)) {
        return Err(ErrorCode::UNKNOWN_VARIABLE);
    }
    let ours = if asked.is_empty() { names.unasked } else { names.known };
    let foreign = overrides.names().filter(|name| !names.known.split(',').any(|ours| ours == *name));
    let mut reply = ReplyData::default();
    for name in ours.split(',').chain(foreign) {
        if !asked.is_empty() && !asked.contains(&name.as_bytes()) {
            continue;
        }
        let said = match overrides.of(name) {
            Some(Override::Octets(octets)) => Some(octets.clone()),
            Some(Override::Nothing) => None,
            None => value(name),
        };
        if let Some(said) = said {
            reply.item(&[name.as_bytes(), b"=", &said].concat());
        }
    }
    Ok(reply)
}

/// The names in a request, separated by commas; leading blanks and a value are skipped. As in ntpd, a blank within or
/// after a name, or a NUL, is part of the name.
fn asked_names(request: &[u8]) -> Vec<&[u8]> {
    request
        .split(|&octet| octet == b',')
        .map(|item| item.split(|&octet| octet == b'=').next().unwrap_or(item).trim_ascii_start())
        .filter(|name| !name.is_empty())
        .collect()
}

/// Formats a number with three decimals.
pub(super) fn milli(value: f64) -> Vec<u8> {
    format!("{value:.3}").into_bytes()
}

/// Formats a number with six decimals.
pub(super) fn micro(value: f64) -> Vec<u8> {
    format!("{value:.6}").into_bytes()
}

/// Formats a value that needs no decoration: an integer, a timestamp, an address.
#[expect(clippy::needless_pass_by_value, reason = "nearly all that is given here is a number")]
pub(super) fn plain(value: impl ToString) -> Vec<u8> {
    value.to_string().into_bytes()
}

/// Formats a number like `0x1f`.
pub(super) fn hexadecimal(value: u16) -> Vec<u8> {
    format!("0x{value:x}").into_bytes()
}

/// Formats a string in double quotes; the protocol has no escapes.
pub(super) fn quoted(text: &str) -> Vec<u8> {
    format!("\"{text}\"").into_bytes()
}

/// The first four octets of a reference identifier's text, padded with zeros.
pub(super) fn four_octets(text: &str) -> [u8; 4] {
    let mut octets = [0; 4];
    octets.iter_mut().zip(text.bytes()).for_each(|(octet, letter)| *octet = letter);
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Names = Names { known: "leap,stratum,refid", unasked: "refid,leap" };

    fn ask(request: &[u8]) -> Result<String, ErrorCode> {
        let overrides = Overrides::none().with("odd", "1").without("stratum");
        let reply = answer(NAMES, request, &overrides, |name| Some(plain(name.len())))?;
        Ok(String::from_utf8(reply.into_fragments().concat()).unwrap())
    }

    #[test]
    fn the_daemons_order_wins() {
        assert_eq!(ask(b"").unwrap(), "refid=5, leap=4, odd=1\r\n");
        assert_eq!(ask(b",").unwrap(), "refid=5, leap=4, odd=1\r\n");
        assert_eq!(ask(b"refid, leap=3,,leap,").unwrap(), "leap=4, refid=5\r\n");
        assert_eq!(ask(b"odd,stratum").unwrap(), "odd=1\r\n");
    }

    #[test]
    fn one_unknown_name_fails_all() {
        for request in [&b"leap,bogus"[..], b"leap ,refid", b"leap refid", b"leap\0"] {
            assert_eq!(ask(request), Err(ErrorCode::UNKNOWN_VARIABLE), "{request:?}");
        }
    }
}
