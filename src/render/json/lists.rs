//! Lists of variables, interfaces and restrictions as objects.

use super::Object;
use crate::model::report::{InterfacesReport, RestrictionsReport, VariableListReport};
use crate::model::{Interface, Restriction};
use crate::text::unicode;
use serde::{Serialize, Serializer};

#[derive(Serialize)]
pub(super) struct VariableList<'a> {
    variables: Entries<'a>,
}

struct Entries<'a>(&'a [(Vec<u8>, Option<Vec<u8>>)]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entry =
            |(name, value): &(Vec<u8>, Option<Vec<u8>>)| (unicode(name), value.as_deref().map(unicode));
        serializer.collect_map(self.0.iter().map(entry))
    }
}

pub(super) fn variable_list(report: &VariableListReport) -> Object<'_, VariableList<'_>> {
    let content = VariableList { variables: Entries(&report.entries) };
    Object::new("ntpkit.showvars.v1", &report.origin, content)
}

#[derive(Serialize)]
pub(super) struct Interfaces {
    interfaces: Vec<InterfaceObject>,
}

#[derive(Serialize)]
struct InterfaceObject {
    index: u32,
    name: Option<String>,
    address: Option<String>,
    port: Option<u16>,
    broadcast_address: Option<String>,
    enabled: Option<bool>,
    flags: Option<String>,
    time_to_live: Option<u32>,
    multicast_groups: Option<u32>,
    received_packets: Option<u32>,
    sent_packets: Option<u32>,
    send_failures: Option<u32>,
    peers: Option<u32>,
    uptime_s: Option<i32>,
}

impl InterfaceObject {
    fn new(index: u32, interface: &Interface) -> Self {
        Self {
            index,
            name: interface.name.as_deref().map(unicode),
            address: interface.address.map(|address| address.to_string()),
            port: interface.address.map(|address| address.0.port()),
            broadcast_address: interface.broadcast.flatten().map(|address| address.to_string()),
            enabled: interface.enabled,
            flags: interface.flags.map(|flags| format!("0x{flags:x}")),
            time_to_live: interface.time_to_live,
            multicast_groups: interface.multicast_groups,
            received_packets: interface.received,
            sent_packets: interface.sent,
            send_failures: interface.send_failures,
            peers: interface.peers,
            uptime_s: interface.uptime,
        }
    }
}

pub(super) fn interfaces(report: &InterfacesReport) -> Object<'_, Interfaces> {
    let interfaces = report.interfaces.iter().map(|(index, row)| InterfaceObject::new(*index, row)).collect();
    Object::new("ntpkit.ifstats.v1", &report.origin, Interfaces { interfaces })
}

#[derive(Serialize)]
pub(super) struct Restrictions {
    restrictions: Vec<RestrictionObject>,
}

#[derive(Serialize)]
struct RestrictionObject {
    index: u32,
    address: Option<String>,
    mask: Option<String>,
    prefix_length: Option<u32>,
    hits: Option<u64>,
    flags: Option<Vec<String>>,
}

impl RestrictionObject {
    fn new(index: u32, restriction: &Restriction) -> Self {
        let words = |flags: &[u8]| unicode(flags).split_whitespace().map(str::to_owned).collect();
        Self {
            index,
            address: restriction.address.map(|address| address.to_string()),
            mask: restriction.mask.map(|mask| mask.to_string()),
            prefix_length: restriction.prefix_length(),
            hits: restriction.hits,
            flags: restriction.flags.as_deref().map(words),
        }
    }
}

pub(super) fn restrictions(report: &RestrictionsReport) -> Object<'_, Restrictions> {
    let restrictions =
        report.restrictions.iter().map(|(index, row)| RestrictionObject::new(*index, row)).collect();
    Object::new("ntpkit.reslist.v1", &report.origin, Restrictions { restrictions })
}
