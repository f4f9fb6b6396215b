//! Consistency of the command tables.

use crate::app::ntpdc::NTPDC;
use crate::app::ntpq::NTPQ;
use crate::console::command::{Effects, Forms, Kind, Secret};
use crate::console::program::Program;

#[test]
fn every_command_with_an_effect_is_known() {
    let effects = |program: &Program| -> Vec<(&str, Effects)> {
        let rows = program.commands.iter().filter(|command| command.effects != Effects::NONE);
        rows.map(|command| (command.name, command.effects)).collect()
    };
    let shared = [
        ("exit", Effects::ENDS_RUN),
        ("host", Effects::CHANGES_HOST),
        ("keyid", Effects::CHANGES_KEY),
        ("keytype", Effects::CHANGES_KEY),
        ("passwd", Effects::TAKES_SECRET),
        ("quit", Effects::ENDS_RUN),
    ];
    assert_eq!(effects(&NTPDC), shared);
    let own = [
        (":config", Effects { secret: Secret::After("pw"), ..Effects::NONE }),
        ("authenticate", Effects::CHANGES_KEY),
        ("mrulist", Effects::STREAMS_ROWS),
    ];
    let mut all = [shared.as_slice(), &own].concat();
    all.sort_unstable_by_key(|(name, _)| *name);
    assert_eq!(effects(&NTPQ), all);
}

#[test]
fn rows_agree_with_themselves() {
    for command in NTPQ.commands.iter().chain(NTPDC.commands) {
        let takes_secret = command.parameters.iter().any(|parameter| parameter.kind == Kind::Secret);
        assert_eq!(takes_secret, command.effects.secret == Secret::Argument, "{}", command.name);
        assert!(!(command.local && command.authenticated), "{}", command.name);
        let says_nothing = matches!(command.forms, Forms::Messages) && !command.local;
        assert!(!says_nothing, "{}: what a daemon says is a report or has one form", command.name);
    }
}

#[test]
fn commands_without_a_form_are_known() {
    let classic_only = |program: &Program| -> Vec<&str> {
        let rows = program.commands.iter().filter(|command| command.forms == Forms::ClassicOnly);
        rows.filter(|command| !command.authenticated).map(|command| command.name).collect()
    };
    assert_eq!(classic_only(&NTPQ), ["?", "help", "version"]);
    assert_eq!(
        classic_only(&NTPDC),
        [
            "?",
            "authinfo",
            "clkbug",
            "clockstat",
            "ctlstats",
            "help",
            "listpeers",
            "memstats",
            "pstats",
            "timerstats",
            "traps",
            "version"
        ]
    );
}

#[test]
fn lines_with_secrets_are_known() {
    for line in [
        "passwd secret",
        "passw secret",
        "  passwd secret",
        "\"passwd\" secret",
        "passwrd secret",
        "PASSWD secret",
        ":config crypto pw secret",
        ":confg crypto pw secret",
    ] {
        assert!(NTPQ.may_hold_secret(line), "{line}");
    }
    for line in [
        "peers",
        "passociations",
        "passo",
        "rv 0 stratum",
        "host passwd",
        "",
        ":config server x",
        "zzz",
        "p x",
    ] {
        assert!(!NTPQ.may_hold_secret(line), "{line}");
    }
    assert!(NTPDC.may_hold_secret("passwd x") && !NTPDC.may_hold_secret("presets"));
}
