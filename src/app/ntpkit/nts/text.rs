//! The layers as text.

use super::layers::{Layers, Verdict};
use super::lengths::Lengths;
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
    let kind =
        if lengths.authenticated { "authenticated requests" } else { "requests with an extension field" };
    match (lengths.search, lengths.longest) {
        (Some(search), _) if lengths.authenticated && Some(search.passes) == base => format!(
            "no request of more than {} octets is answered: the server rejects padding, as NTPsec's does, or longer \
             packets are dropped on the way",
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
