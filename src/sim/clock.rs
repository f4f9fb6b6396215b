//! The variables of a reference clock, as ntpd writes them.

use super::scenario::{Flavour, ReferenceClock};
use super::variables::{Names, four_octets, milli, plain, quoted};
use std::net::Ipv4Addr;

/// All names of 4.2.8p15, in the order in which it answers named requests. It lists them itself, too.
const CLASSIC: &str = "type,timecode,poll,noreply,badformat,baddata,fudgetime1,fudgetime2,stratum,refid,flags,\
    device,clock_var_list,minjitter";
/// What 4.2.8p15 says unasked, in its order.
const CLASSIC_UNASKED: &str =
    "device,timecode,poll,noreply,badformat,baddata,fudgetime1,fudgetime2,stratum,refid,flags";
/// All names of NTPsec 1.2.2.
const NTPSEC: &str = "name,timecode,poll,noreply,badformat,baddata,fudgetime1,fudgetime2,stratum,refid,flags,device,\
    clock_var_list";
/// What NTPsec 1.2.2 says unasked.
const NTPSEC_UNASKED: &str =
    "name,timecode,poll,noreply,badformat,baddata,fudgetime1,fudgetime2,stratum,refid,flags,device";

/// The names of READCLOCK.
pub(super) fn names(flavour: Flavour) -> Names {
    match flavour {
        Flavour::Classic => Names { known: CLASSIC, unasked: CLASSIC_UNASKED },
        Flavour::Ntpsec => Names { known: NTPSEC, unasked: NTPSEC_UNASKED },
    }
}

/// A reference clock at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClockView<'a> {
    pub(super) clock: &'a ReferenceClock,
    pub(super) reference_id: &'a str,
    pub(super) flavour: Flavour,
    pub(super) polls: u32,
    /// Whether the default set is meant, where a fudge of nothing is left out.
    pub(super) unasked: bool,
}

impl ClockView<'_> {
    /// The clock status word (RFC 9327 section 3.3).
    pub(super) fn status(&self) -> u16 {
        self.clock.event.octet()
    }

    /// The value of a known variable, if there is anything to say.
    pub(super) fn value(&self, name: &str) -> Option<Vec<u8>> {
        let clock = self.clock;
        let fudge = |milliseconds: f64| (!self.unasked || milliseconds != 0.0).then(|| milli(milliseconds));
        Some(match name {
            "type" => plain(clock.driver),
            "name" => quoted(&clock.driver_name),
            "device" => quoted(&clock.device),
            "timecode" => quoted(&clock.time_code),
            "poll" => plain(self.polls),
            "noreply" => plain(clock.no_reply),
            "badformat" => plain(clock.bad_format),
            "baddata" => plain(clock.bad_data),
            "fudgetime1" => return fudge(clock.fudge_time1),
            "fudgetime2" => return fudge(clock.fudge_time2),
            "stratum" => plain(clock.stratum),
            "refid" => self.reference_text(),
            "flags" => plain(clock.flags),
            "clock_var_list" => quoted(names(self.flavour).known),
            "minjitter" => milli(0.0),
            _ => return None,
        })
    }

    /// NTPsec writes any identifier of a clock above stratum 0 like an address.
    fn reference_text(&self) -> Vec<u8> {
        if self.flavour == Flavour::Ntpsec && self.clock.stratum != 0 {
            plain(Ipv4Addr::from(four_octets(self.reference_id)))
        } else {
            plain(self.reference_id)
        }
    }
}
