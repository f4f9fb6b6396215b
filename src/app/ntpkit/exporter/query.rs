//! The parameters of a request and the format of its answer.

use crate::render::openmetrics::exposition::TextFormat;

/// Parses the percent-encoded parameters of a query; `None` if they are not UTF-8.
pub fn parameters(query: &str) -> Option<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

fn decode(text: &str) -> Option<String> {
    let mut octets = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(octet) = octets.next() {
        decoded.push(match octet {
            b'+' => b' ',
            b'%' => {
                let digit = |octet: Option<u8>| char::from(octet?).to_digit(16);
                u8::try_from(digit(octets.next())? << 4 | digit(octets.next())?).ok()?
            }
            _ => octet,
        });
    }
    String::from_utf8(decoded).ok()
}

/// The format preferred by an `Accept` header: the Prometheus text format unless it prefers `OpenMetrics`.
pub fn format(accept: &str) -> TextFormat {
    let weight = |kind: &str| {
        let parts = accept.split(',').filter_map(|part| {
            let mut words = part.split(';').map(str::trim);
            let is_it = words.next()?.eq_ignore_ascii_case(kind);
            let weight = words.find_map(|word| word.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            is_it.then_some(weight)
        });
        parts.fold(0.0, f32::max)
    };
    let wanted = weight("application/openmetrics-text");
    if wanted > 0.0 && wanted >= weight("text/plain") {
        TextFormat::OpenMetrics
    } else {
        TextFormat::Prometheus
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let read = |query: &str| {
            let list = parameters(query)?;
            Some(list.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(read("target=%5B%3a%3A1%5D:123&module=").as_deref(), Some("target=[::1]:123 module="));
        assert_eq!(read("a+b=c+d&&x").as_deref(), Some("a b=c d x="));
        assert_eq!(read("").as_deref(), Some(""));
        for query in ["a=%", "a=%4", "a=%zz", "a=%ff"] {
            assert_eq!(read(query), None, "{query}");
        }
    }

    #[test]
    fn the_format_that_is_preferred() {
        let prometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
                          application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        assert_eq!(format(prometheus), TextFormat::OpenMetrics);
        for accept in [
            "",
            "*/*",
            "text/html",
            "text/plain;q=0.9, application/openmetrics-text;q=0.1",
            "application/openmetrics-text;q=0",
        ] {
            assert_eq!(format(accept), TextFormat::Prometheus, "{accept}");
        }
    }
}
