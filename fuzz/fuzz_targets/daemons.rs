//! What the daemons of this machine say over their own sockets: systemd-timesyncd over D-Bus, ntpd-rs in JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::wire::dbus::{FIXED_LENGTH, LENGTH_LIMIT, Reply, message_length, reply_to};
use ntpkit::wire::ntpd_rs::Observation;
use ntpkit::wire::timesyncd::Timesyncd;

fuzz_target!(|input: &[u8]| {
    if let Some(observation) = Observation::parse(input) {
        let _ = observation.root_dispersion();
    }
    if let Some(start) = input.first_chunk::<FIXED_LENGTH>()
        && let Some(length) = message_length(start)
    {
        assert!((FIXED_LENGTH..=LENGTH_LIMIT).contains(&length));
    }
    if let Ok(Some(Reply::Returned(values))) = reply_to(input, 1) {
        for value in &values {
            let _ = (value.unsigned(), value.text(), value.entry("ServerName"));
            if let Some(timesyncd) = Timesyncd::from_properties(value)
                && let Some(message) = timesyncd.message
            {
                let _ = (message.offset(), message.delay());
            }
        }
    }
});
