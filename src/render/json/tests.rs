//! The JSON output.

use super::*;
use crate::render::samples;
use proptest::prelude::*;
use serde_json::Value;

/// Parses an object, whose line must be ASCII.
fn parse(line: &str) -> Value {
    let text = line.strip_suffix('\n').expect("a line");
    assert!(text.bytes().all(|octet| matches!(octet, b' '..=b'~')), "{text}");
    serde_json::from_str(text).expect(text)
}

/// Returns the keys of an object in sorted order.
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn every_schema() {
    let lines: String = samples::all()
        .iter()
        .map(|report| line(report).replace(",\"", ",\n\"").replace("{\"", "{\n\""))
        .collect();
    insta::assert_snapshot!(lines);
}

#[test]
fn peers_are_decoded() {
    let object = parse(&line(&samples::peers("one.example")));
    let [good, silent, odd] = object["peers"].as_array().unwrap().as_slice() else { panic!("{object}") };
    assert_eq!(good["tally"], "*");
    assert_eq!(good["selection"], "sys.peer");
    assert_eq!((&good["reach"], &good["reach_count"]), (&255.into(), &8.into()));
    assert_eq!(
        (&good["offset_ms"], &good["poll_s"], &good["when_s"]),
        (&(-0.018).into(), &64.into(), &5.into())
    );
    assert_eq!(good["received"]["time"], "2026-11-21T02:16:25.014523189Z");
    assert_eq!(silent["when_s"], Value::Null);
    assert_eq!(silent["received"]["time"], Value::Null);
    assert_eq!(silent["local_address"], Value::Null);
    assert_eq!(silent["flash"], serde_json::json!(["peer_stratum", "peer_dist", "peer_unreach"]));
    assert_eq!(odd["name"], "\u{1b}[31m\"a\\\\b\"\\xe9");
    assert_eq!((&odd["offset_ms"], &odd["stratum"]), (&Value::Null, &Value::Null));
    // Keys of unknown values are kept.
    assert_eq!(keys(good), keys(odd));
}

#[test]
fn variables_are_typed_and_kept() {
    let object = parse(&line(&samples::system("one.example")));
    let variables = &object["variables"];
    assert_eq!(variables["version"], "ntpd 4.2.8p15");
    assert_eq!((&variables["stratum"], &variables["frequency"]), (&2.into(), &(-12.414).into()));
    assert_eq!(object["units"]["frequency"], "ppm");
    assert_eq!(variables["leapsec"], "2017-01-01T00:00:00Z");
    assert_eq!((&variables["sys_jitter"], &object["raw"]["sys_jitter"]), (&Value::Null, &"1e5".into()));
    assert_eq!((&variables["bare"], &object["raw"]["bare"]), (&Value::Null, &Value::Null));
    assert_eq!(variables["odd"], "\\xe9\u{1b}");
    assert_eq!(object["raw"]["odd"], "\"\\xe9\u{1b}\"");
}

proptest! {
    #[test]
    fn whatever_arrives_it_is_an_object(text: Vec<u8>, name: Vec<u8>, host: String, id: u16, status: u16) {
        for report in samples::any(&host, id, status, &name, &text) {
            let object = parse(&line(&report));
            prop_assert_eq!(object["host"].as_str(), Some(host.as_str()));
            prop_assert!(object["schema"].as_str().unwrap().starts_with("ntpkit."));
        }
    }
}
