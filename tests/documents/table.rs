//! The commands of the documentation, and how they are tested.

/// A command of a page.
pub struct Entry {
    pub page: &'static str,
    /// The command as the page has it, without comments. For a block that is not shell, its first line.
    pub command: &'static str,
    pub how: How,
}

/// How a command is tested.
#[derive(Clone, Copy)]
pub enum How {
    /// It is run, with these replacements. `check` is run by bash with its output in `$out` and `$err`.
    Run { with: &'static [(&'static str, &'static str)], status: i32, check: &'static str },
    /// It is not run, for this reason.
    NotRun(&'static str),
}

const fn run(page: &'static str, command: &'static str, check: &'static str) -> Entry {
    changed(page, command, &[], check)
}

/// Run with replacements: a host instead of this machine, whose daemon is not known.
const fn changed(
    page: &'static str,
    command: &'static str,
    with: &'static [(&'static str, &'static str)],
    check: &'static str,
) -> Entry {
    Entry { page, command, how: How::Run { with, status: 0, check } }
}

/// The exporter, for a few seconds and on a free port.
const fn exporter(command: &'static str) -> Entry {
    let with = &[("ntpkit exporter", "timeout --preserve-status 6 ntpkit exporter"), ("exporter", EXPORTER)];
    changed(MONITORING, command, with, "grep -q 'Listening on' <<<\"$err\"")
}

const fn not_run(page: &'static str, command: &'static str, reason: &'static str) -> Entry {
    Entry { page, command, how: How::NotRun(reason) }
}

const README: &str = "README.md";
const CHECK_CONFIG: &str = "docs/check-config.md";
const FORMATS: &str = "docs/formats.md";
const MONITORING: &str = "docs/monitoring.md";
const TESTING: &str = "docs/testing.md";

const LAB: &str = "needs root and the real programs; the part `lab` of tests/run does it";
/// Starts the exporter on a free port and shows its page.
const EXPORTER: &str = "exporter --web.listen-address 127.0.0.1:0";

pub const TABLE: &[Entry] = &[
    changed(
        README,
        "cargo run --release -- demo",
        &[("cargo run --release --", "ntpkit")],
        "grep -q '^\\*192.0.2.11 ' <<<\"$out\" && grep -q '^o127.127.' <<<\"$out\"",
    ),
    not_run(README, "tests/run", "it runs this test"),
    not_run(README, "cargo install --path .", "a release build; the part `release` of tests/run makes it"),
    run(README, "ntpkit install", "[ \"$(ntpq --version)\" = \"$(ntpkit ntpq --version)\" ]"),
    run(
        README,
        "install -D -m 644 -t ~/.local/share/man/man1 man/*.1",
        "cmp man/ntpq.1 ~/.local/share/man/man1/ntpq.1",
    ),
    run(
        README,
        "for file in completions/*.bash; do\n    install -D -m 644 \"$file\" \
         ~/.local/share/bash-completion/completions/\"$(basename \"$file\" .bash)\"\ndone",
        "cmp completions/ntpq.bash ~/.local/share/bash-completion/completions/ntpq",
    ),
    run(
        README,
        "install -D -m 644 -t ~/.config/fish/completions completions/*.fish",
        "cmp completions/ntpq.fish ~/.config/fish/completions/ntpq.fish",
    ),
    run(
        README,
        "install -D -m 644 -t ~/.zsh/completions completions/_ntp*",
        "cmp completions/_ntpq ~/.zsh/completions/_ntpq",
    ),
    changed(README, "ntpq -pn", &[("-pn", "-pn one.example")], "grep -q '^\\*192.0.2.11 ' <<<\"$out\""),
    run(
        README,
        "ntpq -p one.example two.example [2001:db8::1]:1123",
        "[ $(grep -c ' \\*192.0.2.11 ' <<<\"$out\") = 3 ]",
    ),
    run(
        README,
        "ntpq -c 'rv 0 stratum,offset,leap' time.example",
        "grep -Eq '^leap=00, stratum=2, offset=-?[0-9.]+$' <<<\"$out\"",
    ),
    run(
        README,
        "ntpq -n --format json -p time.example | jq .peers",
        "[ \"$(jq 'map(select(.tally == \"*\")) | length' <<<\"$out\")\" = 1 ]",
    ),
    run(
        README,
        "ntpdate -q time.example",
        "grep -Eq '^server 127.0.0.1, stratum 2, offset -?[0-9.]+, delay [0-9.]+$' <<<\"$out\"",
    ),
    // Only queried here: the laboratory's virtual machine sets a clock.
    changed(
        README,
        "ntpdate -u one.example two.example three.example",
        &[("-u", "-u -q")],
        "[ $(grep -c '^server 127.0.0.1, stratum 2,' <<<\"$out\") = 3 ]",
    ),
    changed(
        README,
        "ntpstat && echo synchronised",
        &[("ntpstat", "ntpstat one.example")],
        "grep -q '^synchronised to NTP server (192.0.2.11) at stratum 2' <<<\"$out\" && \
         grep -qx synchronised <<<\"$out\"",
    ),
    changed(
        README,
        "ntpstat --check -w 0.05 -c 0.1",
        &[("0.1", "0.1 one.example")],
        "grep -q '^NTP OK: synchronised to .*|offset=' <<<\"$out\"",
    ),
    changed(
        README,
        "ntp-wait -v && start-the-database",
        &[("-v", "-v one.example")],
        "grep -qx started <<<\"$out\"",
    ),
    run(
        README,
        "ntp-keygen -M --type AES128CMAC --stdout",
        "[ $(grep -Ec '^ *[0-9]+ AES128CMAC [0-9a-f]{32} ' <<<\"$out\") -ge 10 ]",
    ),
    Entry {
        page: README,
        command: "ntpkit diag",
        how: How::Run {
            with: &[("diag", "diag one.example")],
            status: 1,
            check: "grep -q '^OK  *synchronized: synchronised to 192.0.2.11, stratum 2' <<<\"$out\" && \
                    grep -q '^WARN  ' <<<\"$out\"",
        },
    },
    // The shape of a finding.
    Entry {
        page: CHECK_CONFIG,
        command: "file:line:column: error|warning: what: why; better [rule]",
        how: How::Run {
            with: &[(
                "file:line:column: error|warning: what: why; better [rule]",
                "printf 'server one.test minpoll 3\\nrestrict default\\nfoo\\n' >ntp.conf; ntpkit check-config ntp.conf",
            )],
            status: 2,
            check: "[ $(wc -l <<<\"$out\") -ge 4 ] && \
                    ! grep -Ev '^ntp.conf(:[0-9]+:[0-9]+)?: (error|warning): .*: .*; .* \\[[a-z0-9-]+\\]$' <<<\"$out\" && \
                    grep -q '^ntp.conf:3:1: error: ' <<<\"$out\"",
        },
    },
    run(
        FORMATS,
        "ntpq -n --format json -p host1 host2 |\n  jq -r '.host as $h | .peers[]? | select(.tally==\"*\") | \
         [$h, .name, .offset_ms] | @tsv'",
        "[ $(grep -Ec $'^127.0.0.1(:[0-9]+)?\\t192.0.2.11\\t-?[0-9.]+$' <<<\"$out\") = 2 ]",
    ),
    run(
        FORMATS,
        "ntpq -n --format openmetrics -p -c rv host1 host2 > ntp.prom",
        "grep -q '^ntpkit_peer_offset_seconds{' ntp.prom && [ \"$(tail -n 1 ntp.prom)\" = '# EOF' ]",
    ),
    changed(
        FORMATS,
        "ntpq -n --format openmetrics --output /var/lib/prometheus/node-exporter/ntp.prom -p -c rv host1 host2",
        &[("/var/lib/prometheus/node-exporter", "$PWD")],
        "grep -q '^ntpkit_peer_offset_seconds{' ntp.prom && grep -q '^ntpkit_textfile_success 1' ntp.prom",
    ),
    exporter("ntpkit exporter"),
    exporter("ntpkit exporter --allow-targets 192.0.2.0/24,2001:db8::/32"),
    // The configuration, with certificates and the hash of a password.
    Entry {
        page: MONITORING,
        command: "tls_server_config:",
        how: How::Run {
            with: &[(
                "tls_server_config:",
                "sed -n '/^```yaml/,/^```$/{/^```/d;p}' \"$PROJECT/docs/monitoring.md\" | sed \
                 's/\\$2y\\$10\\$\\.\\.\\./$2y$10$abcdefghijklmnopqrstuuV8vl4jI5ZpYWVjSrVQ9ZyZ6fZb8zX5e/' >web.yml; \
                 cp \"$PROJECT\"/tests/cli/exporter/key.pem exporter.key; \
                 for name in exporter prometheus-ca; do \
                     cp \"$PROJECT\"/tests/cli/exporter/certificate.pem $name.pem; done; \
                 timeout --preserve-status 6 ntpkit exporter --web.listen-address 127.0.0.1:0 --web.config.file web.yml",
            )],
            status: 0,
            check: "grep -q 'Listening on.*tls=true' <<<\"$err\" && grep -q '^basic_auth_users:' web.yml",
        },
    },
    not_run(
        MONITORING,
        "ARGS=\"--allow-targets 192.0.2.0/24 --web.config.file /etc/ntpkit/web.yml\"",
        "a setting of the systemd unit; its options are in the commands and the configuration above",
    ),
    run(
        MONITORING,
        "ntpkit chrony tracking ntp1.example ntp2.example",
        "[ $(grep -c '^Stratum  *: 2$' <<<\"$out\") = 2 ] && [ $(grep -c '127.0.0.1:' <<<\"$out\") = 2 ]",
    ),
    run(
        MONITORING,
        "ntpkit chrony sources -c ntp1.example",
        "grep -q '^^,\\*,192.0.2.11,1,4,377,' <<<\"$out\"",
    ),
    run(
        MONITORING,
        "ntpkit chrony sourcestats --format openmetrics ntp1.example ntp2.example",
        "grep -q '^ntpkit_chrony_source_samples{' <<<\"$out\" && [ \"$(tail -n 1 <<<\"$out\")\" = '# EOF' ]",
    ),
    not_run(
        MONITORING,
        "sudo ntpkit chrony selectdata --format table",
        "needs chronyd's Unix socket; the suite `chrony` of the laboratory has it",
    ),
    not_run(
        "docs/security.md",
        "[Service]",
        "a systemd unit that sets the clock; the suite `clock` of the laboratory sets one without root",
    ),
    not_run(TESTING, "#[test]", "compared with tests/documents/sample.rs, which is run"),
    not_run(TESTING, "INSTA_UPDATE=always cargo test --test cli", "it rewrites snapshots"),
    not_run(TESTING, "BLESS=1 cargo test --test generated", "it rewrites generated files"),
    not_run(TESTING, "python3 tests/lab/lab.py suite --ours target/release/ntpkit", LAB),
    not_run(
        TESTING,
        "python3 tests/lab/lab.py suite compliance --only 'apeers' --ours target/debug/ntpkit",
        LAB,
    ),
    not_run(TESTING, "python3 tests/lab/lab.py up", LAB),
    not_run(TESTING, "python3 tests/lab/lab.py in hub -- target/debug/ntpkit ntpq -pn", LAB),
    not_run(TESTING, "-n -c 'rv &1 offset' {each}", "a line of the laboratory's files of cases"),
    not_run(TESTING, "def answers_on_both_families(lab, tools, report):", "an example of a case in Python"),
];
