//! The layers as text.

use super::layers::{Layers, Verdict};
use super::lengths::{Lengths, Means};
use crate::text::visible;

/// All hosts with their layers.
pub fn all(hosts: &[Layers<'_>]) -> String {
    hosts.iter().map(host).collect::<Vec<_>>().join("\n")
}

fn host(host: &Layers<'_>) -> String {
    let mut text = format!("{}\n", visible(host.host.as_bytes()));
    for step in &host.steps {
        let verdict = match step.verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "WARN",
            Verdict::Fail => "FAIL",
        };
        text += &format!("  {verdict:4}  {:11}  {}\n", step.layer, step.text);
        if let Some(hint) = &step.hint {
            text += &format!("{:21}{hint}\n", "");
        }
    }
    if let Some(lengths) = &host.examined.lengths {
        text += &format!(
            "  {:4}  {:11}  {}\n",
            if lengths.search.is_some() { "WARN" } else { "ok" },
            "lengths",
            about(lengths, host.examined.asked.as_ref().map(|asked| asked.probe.request_octets))
        );
    }
    text
}

/// `base`: the length of the request without padding.
fn about(lengths: &Lengths, base: Option<usize>) -> String {
    let kind = match lengths.means {
        Means::Padding => "authenticated requests",
        Means::Placeholders => "authenticated requests with cookie placeholders",
        Means::Extension => "requests with an extension field",
    };
    match (lengths.search, lengths.longest) {
        (Some(search), _) if lengths.means != Means::Extension && Some(search.passes) == base => format!(
            "no request of more than {} octets is answered, neither with padding nor with cookie placeholders",
            search.passes
        ),
        (Some(search), _) => format!(
            "{kind} of up to {} octets are answered, those of {} and more are not",
            search.passes, search.vanishes
        ),
        (None, Some(longest)) => format!("{kind} of up to {longest} octets are answered"),
        (None, None) => "nothing is known".to_owned(),
    }
}
