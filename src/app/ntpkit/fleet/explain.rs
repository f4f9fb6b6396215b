//! What the silence of hosts means, and the next step: a line for each kind of silence.

use crate::client::diagnosis::{Asked, Detail, Diagnosis, explain_name, with_address};
use crate::model::fleet::{Cause, Group, Host};
use crate::net::names::{NameError, ResolverError};
use crate::text::visible;
use nix::errno::Errno;

/// Explains each group of hosts with this kind of problem; the next step is for the first of its hosts.
pub fn explain(hosts: &[Host], groups: &[Group], detail: Detail) -> String {
    let lines = groups.iter().filter_map(|group| {
        let host = hosts.get(*group.hosts.first()?)?;
        let more = match group.hosts.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let asked = with_address(&visible(host.name.as_bytes()), host.address);
        Some(format!("ntpkit fleet: {asked}{more}: {}\n", text(group.cause, host, detail)?))
    });
    lines.collect()
}

fn text(cause: Cause, host: &Host, detail: Detail) -> Option<String> {
    let reason = host.worst().map_or("", |problem| problem.text.as_str());
    let diagnosis = match cause {
        Cause::NoAddress => {
            let known = [ResolverError::AGAIN, ResolverError::FAIL, ResolverError::ADDRESS_FAMILY];
            let error = known.into_iter().find(|known| known.to_string() == reason);
            let error = NameError::Resolver(error.unwrap_or(ResolverError::NO_NAME));
            return Some(explain_name(&error, &visible(host.name.as_bytes()), detail));
        }
        Cause::Unreachable if reason == Errno::ECONNREFUSED.desc() => Diagnosis::NotListening,
        Cause::Unreachable if reason == Errno::EPERM.desc() => Diagnosis::Forbidden,
        Cause::Unreachable => {
            return Some(format!(
                "it cannot be reached: {reason}; next: {}{}",
                Diagnosis::Unreachable(0).next_step(host.address),
                detail.below(|| Diagnosis::Unreachable(0).reasons(host.address))
            ));
        }
        Cause::Silent => Diagnosis::Nothing,
        Cause::Refused => Diagnosis::Kiss(*b"DENY"),
        Cause::RateLimited => Diagnosis::Kiss(*b"RATE"),
        Cause::NoQueries => Diagnosis::ServesTimeOnly(1),
        _ => return None,
    };
    Some(diagnosis.explain(Asked::State, host.address, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fleet::{Problem, Severity};

    #[test]
    fn each_kind_of_silence_has_its_reason_and_the_next_step() {
        let host = |cause, text: &str| {
            Host::lost(
                "a.example".into(),
                Some(([192, 0, 2, 1], 123).into()),
                Problem::new(cause, Severity::Critical, text),
            )
        };
        let one = |cause, reason: &str| {
            let group = Group { cause, severity: Severity::Critical, hosts: vec![0] };
            explain(&[host(cause, reason)], &[group], Detail::Line)
        };
        assert!(
            one(Cause::Silent, "")
                .starts_with("ntpkit fleet: a.example (192.0.2.1): no reply, not even to a time request")
        );
        assert!(
            one(Cause::Unreachable, "Connection refused")
                .contains("; next: on that host: ss -lunp 'sport = :123'")
        );
        assert!(one(Cause::Unreachable, "No route to host").ends_with("; next: ip route get 192.0.2.1\n"));
        assert!(
            one(Cause::NoAddress, "Temporary failure in name resolution").contains("no name server answered")
        );
        assert!(
            one(Cause::NoAddress, "Name or service not known")
                .contains("check the spelling. next: getent ahosts a.example")
        );
        assert_eq!(one(Cause::Offset, ""), "");
        let group = Group { cause: Cause::Silent, severity: Severity::Critical, hosts: vec![0, 1, 2] };
        let hosts = [host(Cause::Silent, ""), host(Cause::Silent, ""), host(Cause::Silent, "")];
        let text = explain(&hosts, &[group], Detail::Reasons);
        assert!(
            text.starts_with("ntpkit fleet: a.example (192.0.2.1) and 2 more: ") && text.contains("\n  - "),
            "{text}"
        );
    }
}
