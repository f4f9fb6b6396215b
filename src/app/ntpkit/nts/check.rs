//! The output line of a monitoring plugin.

use super::args::NtsArgs;
use super::layers::{Layers, Verdict};

/// The exit status and the line: critical if any layer failed or a certificate has too few days left.
pub fn line(hosts: &[Layers<'_>], args: &NtsArgs) -> (u8, String) {
    let worst = hosts.iter().map(Layers::verdict).max().unwrap_or(Verdict::Fail);
    let (state, name) = match worst {
        Verdict::Ok => (0, "OK"),
        Verdict::Warn => (1, "WARNING"),
        Verdict::Fail => (2, "CRITICAL"),
    };
    let parts: Vec<String> = hosts.iter().map(|host| about(host, worst)).collect();
    let mut figures = Vec::new();
    for host in hosts {
        let label = |name: &str| {
            let label = if hosts.len() > 1 { format!("{}_{name}", host.host) } else { name.to_owned() };
            if label.contains([' ', '=', '\'']) { format!("'{}'", label.replace('\'', "''")) } else { label }
        };
        let days = host.days_left.map_or("U".to_owned(), |days| days.to_string());
        figures.push(format!("{}={days};{}:;{}:", label("days"), args.warning, args.critical));
        if let Some((offset, delay)) = host.measured() {
            figures.push(format!("{}={offset:.6}s", label("offset")));
            figures.push(format!("{}={delay:.6}s;;;0", label("delay")));
        }
    }
    (state, format!("NTS {name}: {} | {}\n", parts.join("; ").replace('|', "/"), figures.join(" ")))
}

/// The worst problem of a host, or its figures.
fn about(host: &Layers<'_>, worst: Verdict) -> String {
    let step = host.steps.iter().find(|step| step.verdict == worst && worst != Verdict::Ok);
    if let Some(step) = step {
        return format!("{}: {}: {}", host.host, step.layer, step.text);
    }
    let days = host.days_left.map_or(String::new(), |days| format!("certificate {days} days"));
    let offset = host.measured().map_or(String::new(), |(offset, _)| format!(", offset {offset:.6} s"));
    format!("{}: {days}{offset}", host.host)
}
