//! Hints for a daemon that does not answer mode 7.

use crate::client::diagnosis::{Asked, Detail, Diagnosis};
use std::net::SocketAddr;

/// The equivalent commands of `ntpq`.
const INSTEAD: &[(&str, &str)] = &[
    ("listpeers", "-c lassociations"),
    ("peers", "-p"),
    ("dmpeers", "-p"),
    ("showpeer", "-c associations -c 'rv &1'"),
    ("pstats", "-c associations -c 'pstats &1'"),
    ("loopinfo", "-c 'rv 0 offset,frequency,tc'"),
    ("sysinfo", "-c sysinfo"),
    ("sysstats", "-c sysstats"),
    ("iostats", "-c iostats"),
    ("timerstats", "-c timerstats"),
    ("authinfo", "-c authinfo"),
    ("kerninfo", "-c kerninfo"),
    ("clockstat", "-c associations -c 'cv &1'"),
    ("monlist", "-c mrulist"),
    ("reslist", "-c reslist"),
    ("ifstats", "-c ifstats"),
    ("addpeer", "-c ':config peer ADDRESS'"),
    ("addserver", "-c ':config server ADDRESS'"),
    ("addrefclock", "-c ':config server 127.127.TYPE.UNIT'"),
    ("broadcast", "-c ':config broadcast ADDRESS'"),
    ("unconfig", "-c ':config unpeer ADDRESS'"),
    ("enable", "-c ':config enable FLAG'"),
    ("disable", "-c ':config disable FLAG'"),
    ("restrict", "-c ':config restrict ADDRESS mask MASK FLAGS'"),
    ("delrestrict", "-c ':config unrestrict ADDRESS mask MASK'"),
    ("fudge", "-c ':config fudge ADDRESS PARAMETER VALUE'"),
    ("trustedkey", "-c ':config trustedkey KEY'"),
    ("requestkey", "-c ':config requestkey KEY'"),
    ("controlkey", "-c ':config controlkey KEY'"),
    ("addtrap", "-c ':config trap ADDRESS'"),
    ("reset", "-c ':config reset WHAT'"),
];

/// What a timeout can mean, and the equivalent command.
pub fn explain_mode7(diagnosis: Diagnosis, address: Option<SocketAddr>, host: &str, command: &str) -> String {
    let Diagnosis::ServesTimeOnly(_) = diagnosis else {
        return diagnosis.explain(Asked::Control, address, Detail::Line);
    };
    let instead = INSTEAD
        .iter()
        .find(|(name, _)| *name == command)
        .map_or(String::new(), |(_, options)| format!("; the equivalent over mode 6: ntpq {options} {host}"));
    format!(
        "it serves time but does not answer mode 7: ntpd does since 4.2.7p230 only with `enable mode7', or \
         `restrict ... noquery' drops the question; NTPsec and chrony have no mode 7{instead}"
    )
}

#[cfg(test)]
mod tests {
    use super::super::COMMANDS;
    use super::*;

    #[test]
    fn the_commands_exist() {
        for (name, _) in INSTEAD {
            assert!(COMMANDS.iter().any(|command| command.name == *name), "{name}");
        }
    }

    #[test]
    fn the_command_line_is_printed() {
        let hint = explain_mode7(Diagnosis::ServesTimeOnly(2), None, "time.example", "sysinfo");
        assert!(hint.ends_with("ntpq -c sysinfo time.example"), "{hint}");
        assert!(!explain_mode7(Diagnosis::ServesTimeOnly(2), None, "x", "memstats").contains("ntpq"));
    }
}
