//! Hosts files of every format, valid and invalid.

use super::*;
use clap::ValueEnum as _;
use proptest::prelude::*;
use std::fs;

/// The hosts in a file with this text, and the errors.
fn listed_with(text: &str, change: impl FnOnce(&mut HostsArgs)) -> (Vec<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hosts");
    fs::write(&path, text).unwrap();
    let mut args = HostsArgs {
        files: Group(HostFilesArgs { hosts_from: vec![path], ..HostFilesArgs::default() }),
        yes: true,
        ..HostsArgs::default()
    };
    change(&mut args);
    let mut gathering = Gathering::new(&args);
    let hosts = gathering.listed();
    let messages: String =
        gathering.take_problems().iter().map(|problem| format!("ntpq: {problem}\n")).collect();
    (hosts, messages.replace(&format!("{}/", folder.path().display()), ""))
}

fn listed(text: &str) -> (Vec<String>, String) {
    listed_with(text, |_| {})
}

fn good(text: &str) -> Vec<String> {
    let (hosts, problems) = listed(text);
    assert_eq!(problems, "", "{text}");
    hosts
}

#[test]
fn lists_have_one_host_per_line() {
    let text = "\u{feff}# servers\r\n\r\n  ntp1.example  # the first\r\nntp2.example:1123\n192.0.2.1\n[2001:db8::1]:1123\n\
                [2001:db8::2]\n2001:db8::3\nfe80::1%eth0\n192.0.2.8/30\nntp1.example\n";
    assert_eq!(
        good(text),
        [
            "ntp1.example",
            "ntp2.example:1123",
            "192.0.2.1",
            "[2001:db8::1]:1123",
            "2001:db8::2",
            "2001:db8::3",
            "fe80::1%eth0",
            "192.0.2.9",
            "192.0.2.10",
        ]
    );
    assert_eq!(good("[2001:db8::1]:1123\nweb\n"), ["[2001:db8::1]:1123", "web"]);
    assert_eq!(good(""), [""; 0]);
}

#[test]
fn bad_lines_are_reported_and_the_others_are_used() {
    let text = "good\none two\nbad:port\nbad:99999\n[2001:db8::1\n-q\nwo\u{7}rd\n10.0.0.0/8\n192.0.2.0/40\nweb/24\nlast\n";
    let (hosts, problems) = listed(text);
    assert_eq!(hosts, ["good", "last"]);
    assert_eq!(
        problems,
        "ntpq: hosts:2: 'one two': more than one word\n\
         ntpq: hosts:3: 'bad:port': invalid port 'port'\n\
         ntpq: hosts:4: 'bad:99999': invalid port '99999'\n\
         ntpq: hosts:5: '[2001:db8::1': brackets not around an address, or not followed by a port\n\
         ntpq: hosts:6: '-q': looks like an option\n\
         ntpq: hosts:7: 'wo\\u{7}rd': '\\u{7}' is not allowed in a host name\n\
         ntpq: hosts:8: '10.0.0.0/8': too large: a network may have at most 65536 addresses\n\
         ntpq: hosts:9: '192.0.2.0/40': not a network: the prefix length must be 0 to 32\n\
         ntpq: hosts:10: 'web/24': '/' is not allowed in a host name\n"
    );
}

#[test]
fn many_bad_lines_are_counted() {
    let (hosts, problems) = listed(&("a b\n".repeat(1000) + "web\n"));
    assert_eq!(hosts, ["web"]);
    assert_eq!(problems.lines().count(), COMPLAINT_LIMIT + 1);
    assert!(problems.ends_with("ntpq: hosts: 980 more errors\n"), "{problems}");
}

#[test]
fn ansible_inventories_in_ini_form() {
    let text = "; servers\nlone.example ansible_connection=local\n\n[web]\nweb[01:03].example:2222\n\
                db ansible_host=192.0.2.7 ansible_port=2222 note='a b # c' # comment\n\
                old ansible_ssh_host=2001:db8::7\ntemplate ansible_host='{{ address }}'\n[fe80::1]:22\nx-[a:c]\ns[1:7:3]\n\
                [web:vars]\nntp=yes please\n[all:children]\nweb\n[late]\nweb01.example\nlast\n";
    assert_eq!(
        good(text),
        [
            "lone.example",
            "web01.example",
            "web02.example",
            "web03.example",
            "192.0.2.7",
            "2001:db8::7",
            "template",
            "fe80::1",
            "x-a",
            "x-b",
            "x-c",
            "s1",
            "s4",
            "s7",
            "last",
        ]
    );
    let (hosts, problems) = listed("[web]\na b\nc 'd\nx[0:999999999]\ny[1:600][1:600]\n[unended\nz\n");
    assert_eq!(hosts, ["z"]);
    assert_eq!(
        problems,
        "ntpq: hosts:2: 'b': not a host variable\n\
         ntpq: hosts:3: 'c \\'d': unterminated quote\n\
         ntpq: hosts:4: 'x[0:999999999]': not a range, or too large\n\
         ntpq: hosts:5: 'y[1:600][1:600]' expands to more than 262144 hosts\n\
         ntpq: hosts:6: unterminated section name\n"
    );
}

#[test]
fn ansible_inventories_in_json_and_yaml() {
    let json = "{\n \"_meta\": {\"hostvars\": {\"db\": {\"ansible_host\": \"192.0.2.7\", \"x\": [[[]]]}}},\n \
                \"all\": {\"children\": [\"web\", \"ungrouped\"]},\n \"web\": {\"hosts\": [\"web1\", \"db\"]},\n \
                \"old\": [\"web1\", \"web2:22\", 7]\n}\n";
    let (hosts, problems) = listed(json);
    assert_eq!(hosts, ["web1", "192.0.2.7", "web2"]);
    assert_eq!(problems, "ntpq: hosts:5: a host that is not a string\n");
    let yaml = "all:\n  hosts:\n    lone:\n  children:\n    web:\n      hosts:\n        web[1:2]:\n        db:\n          \
                ansible_host: 192.0.2.7\n      children:\n        inner:\n          hosts: {deep: }\n";
    assert_eq!(good(yaml), ["lone", "web1", "web2", "192.0.2.7", "deep"]);
    assert_eq!(good(&format!("---\n{yaml}")), ["lone", "web1", "web2", "192.0.2.7", "deep"]);
}

#[test]
fn prometheus_targets() {
    let json = "[\n {\"targets\": [\"ntp1:123\", \"[2001:db8::1]:123\"], \"labels\": {\"a\": \"b\"}},\n {\"labels\": {}},\n \
                {\"targets\": [\"http://x\", null]}\n]\n";
    let (hosts, problems) = listed(json);
    assert_eq!(hosts, ["ntp1:123", "[2001:db8::1]:123"]);
    assert_eq!(
        problems,
        "ntpq: hosts:3: a target group without targets\n\
         ntpq: hosts:4: a target that is not a string\n\
         ntpq: hosts:4: 'http://x': invalid port '//x'\n"
    );
    let yaml =
        "# targets\n- targets:\n  - ntp1:9100\n  - 'ntp2:9100'\n  labels:\n    a: b\n- targets: [ntp3]\n";
    assert_eq!(good(yaml), ["ntp1:9100", "ntp2:9100", "ntp3"]);
    let (hosts, _) = listed_with(yaml, |args| args.files.hosts_port = Some(123));
    assert_eq!(hosts, ["ntp1:123", "ntp2:123", "ntp3:123"]);
    assert_eq!(good("[]"), [""; 0]);
}

#[test]
fn a_file_in_another_format_is_reported() {
    for (text, format, expected) in [
        ("{\"a\": ", HostsFormat::Auto, "not JSON: EOF while parsing a value at line 1 column 6"),
        ("web\n", HostsFormat::FileSdJson, "not JSON: expected value at line 1 column 1"),
        ("[1, 2]", HostsFormat::AnsibleJson, "not an inventory: not a mapping of groups"),
        ("a: b", HostsFormat::FileSdYaml, "not a list of target groups"),
        ("- a\n- *b\n", HostsFormat::FileSdYaml, "not YAML: "),
        ("- web", HostsFormat::AnsibleYaml, "not an inventory: not a mapping of groups"),
    ] {
        let (hosts, problems) = listed_with(text, |args| args.files.hosts_format = Some(format));
        assert!(hosts.is_empty() && problems.starts_with(&format!("ntpq: hosts: {expected}")), "{problems}");
    }
    let deep = "[".repeat(100_000);
    for format in HostsFormat::value_variants() {
        let (hosts, problems) = listed_with(&deep, |args| args.files.hosts_format = Some(*format));
        assert!(hosts.is_empty() && problems.len() < 300, "{format:?}: {problems}");
    }
    let files = HostFilesArgs { hosts_from: vec!["/nowhere".into(), "/".into()], ..HostFilesArgs::default() };
    let args = HostsArgs { files: Group(files), ..HostsArgs::default() };
    let mut gathering = Gathering::new(&args);
    assert_eq!(gathering.listed(), [""; 0]);
    assert_eq!(
        gathering.problems,
        ["/nowhere: No such file or directory", "/: neither a regular file nor a pipe"]
    );
}

#[test]
fn aliases_are_ignored() {
    let laughs = "a: &a [x, x]\nb: &b [*a, *a]\nall:\n  hosts: *b\n  children: *b\n";
    let (hosts, _) = listed_with(laughs, |args| args.files.hosts_format = Some(HostsFormat::AnsibleYaml));
    assert_eq!(hosts, [""; 0]);
}

#[test]
fn large_networks_need_confirmation() {
    for (operand, yes, expected) in [
        ("192.0.2.0/24", false, None),
        ("192.0.2.0/23", false, Some("networks with 510 addresses need confirmation or --yes")),
        ("192.0.2.0/23", true, None),
        ("web", false, None),
    ] {
        let args = HostsArgs { yes, ..HostsArgs::default() };
        let mut gathering = Gathering::new(&args);
        gathering.operand(operand);
        let refused = gathering.confirm("ntpq", &mut Output::record(), Terminals::default()).err();
        assert_eq!(refused.as_deref(), expected, "{operand}");
    }
    let args = HostsArgs::default();
    let mut gathering = Gathering::new(&args);
    assert_eq!(gathering.operand("10.1.0.0/16").len(), 65_534);
    assert_eq!(gathering.operand("10.2.0.0/30"), [""; 0], "the limit is for all networks together");
    assert_eq!(gathering.operand("no/network"), ["no/network"]);
    assert_eq!(
        gathering.take_problems(),
        ["10.2.0.0/30: too large: all networks together may have at most 65536 addresses"]
    );
}

proptest! {
    #[test]
    fn arbitrary_octets_do_not_panic(octets: Vec<u8>, form in 0..HostsFormat::value_variants().len()) {
        scan(&octets, HostsFormat::value_variants()[form]);
    }

    #[test]
    fn similar_text_does_not_panic(text in "[\\[\\]{}:\"',&*#=\\-\\n \\\\a0/]{0,60}", form in 0..7_usize) {
        scan(text.as_bytes(), HostsFormat::value_variants()[form]);
    }
}
