//! The trace as the Perl script of 4.2.8p15 makes it: `ntpq` asks each host in turn.

use super::args::NtptraceArgs;
use crate::app::scripts::{canonical_name, read_variables};
use crate::cli::context::Context;
use crate::compat::Quirk;
use crate::net::names::NameService;
use std::collections::HashSet;

/// Strata at which a trace ends: of no server, of a primary one, and of one that is not synchronised.
const LAST: [i32; 3] = [0, 1, 16];

/// Traces, and prints a line for each host.
pub fn run(context: &mut Context, args: &NtptraceArgs) {
    let names = NameService::system(args.name_timeout);
    let mut host = args.host().to_owned();
    let mut seen = HashSet::new();
    for number in 1_i64.. {
        let Some(info) = read_variables(context, "0", "", &host) else { return };
        if info.text("stratum").is_none() {
            return;
        }
        names.start_round();
        let shown = if args.numeric { host.clone() } else { canonical_name(&names, &host) };
        let stratum = info.integer("stratum");
        let distance = (info.number("rootdisp") + info.number("rootdelay") / 2.0) / 1000.0;
        let offset = info.number("offset") / 1000.0;
        context
            .output
            .result(format!("{shown}: stratum {stratum}, offset {offset:.6}, synch distance {distance:.6}"));
        let refid = info.text("refid").unwrap_or_default().to_vec();
        if stratum == 1 {
            context.output.result([b", refid '", refid.as_slice(), b"'"].concat());
        }
        context.output.result("\n");
        context.output.flush();
        if LAST.contains(&stratum) || is_clock(&refid) || number == args.max_hosts {
            return;
        }
        let peer = String::from_utf8_lossy(info.text("peer").unwrap_or_default()).into_owned();
        let next = read_variables(context, &peer, "srcadr", &host);
        let next = next.and_then(|next| next.text("srcadr").map(<[u8]>::to_vec)).unwrap_or_default();
        // Without a limit a loop has no end.
        let may_loop = args.max_hosts > number && context.dialect.keeps(Quirk::LOOPS_ARE_FOLLOWED);
        let is_endless = !seen.insert(next.clone()) && !may_loop;
        if next.is_empty() || is_clock(&next) || is_endless || context.output.is_closed() {
            return;
        }
        host = String::from_utf8_lossy(&next).into_owned();
    }
}

/// Whether it is the address of a reference clock.
fn is_clock(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"127.127.") else { return false };
    let rest = rest.strip_suffix(b"\n").unwrap_or(rest);
    let parts: Vec<&[u8]> = rest.split(|octet| *octet == b'.').collect();
    let is_number = |part: &&[u8]| (1..=3).contains(&part.len()) && part.iter().all(u8::is_ascii_digit);
    parts.len() == 2 && parts.iter().all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_have_addresses_of_their_own() {
        for text in ["127.127.1.0", "127.127.28.255"] {
            assert!(is_clock(text.as_bytes()), "{text}");
        }
        for text in
            ["127.0.0.1", "127.127.1", "127.127.1.0.1", "127.127.1.1000", "127.127..1", "LOCAL(0)", ""]
        {
            assert!(!is_clock(text.as_bytes()), "{text}");
        }
    }
}
