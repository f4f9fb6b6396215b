//! The identity schemes: their keys, and the files that groups give to their members.

use super::{Course, MIN_RSA_BITS, TOO_SMALL, broken};
use crate::app::ntp_keygen::Failure;
use crate::autokey::AutokeyError;
use crate::autokey::dsa::DsaKey;
use crate::autokey::gq::{GqKey, GqLayout, MAX_USABLE_BITS};
use crate::autokey::iff::IffKey;
use crate::autokey::mv::{MvGroup, MvKeys};
use crate::autokey::number::Number;
use crate::autokey::private_key::{Form, PrivateKey, Protection};
use crate::compat::Quirk;
use zeroize::Zeroizing;

/// Identity scheme data written to standard output.
struct Export<'a> {
    /// Its name in messages: `IFF parameters` …
    what: &'a str,
    /// The type in its file name.
    file_type: &'a str,
    key: PrivateKey,
    /// The password, or `None` for client files.
    password: Option<&'a str>,
    form: Form,
}

impl Course<'_> {
    /// GQ: returns the public number for the certificate.
    pub fn gq(&mut self) -> Result<Option<Number>, Failure> {
        let stored = if self.args.gq_params { None } else { self.stored_gq()? };
        let layout = match (&stored, self.args.gq_layout) {
            (_, Some(layout)) if !self.keeps(Quirk::KEYGEN_OPTIONS) => layout.into(),
            (Some((_, layout)), _) => *layout,
            _ => GqLayout::Original,
        };
        let key = if self.args.gq_params || self.args.gq_keys {
            self.new_gq(stored.map(|(key, _)| key), layout)?
        } else {
            stored.map(|(key, _)| key)
        };
        let Some(key) = key else { return Ok(None) };
        let form = Form::Pkcs8;
        // The client file can be read by every ntpd.
        let for_clients = if self.keeps(Quirk::MEMBER_KEYS_INCOMPLETE) { layout } else { GqLayout::Swapped };
        self.export(
            PrivateKey::Rsa(key.client(for_clients)),
            PrivateKey::Rsa(key.server(layout)),
            ["GQ parameters", "gqpar", "GQ keys", "gqkey"],
            [form, form],
        )?;
        Ok(Some(key.public().clone()))
    }

    fn stored_gq(&mut self) -> Result<Option<(GqKey, GqLayout)>, Failure> {
        let link = self.group_link("gqkey", "GQkey");
        let Some(PrivateKey::Rsa(stored)) = self.use_stored(&link, "GQ parameters")? else { return Ok(None) };
        GqKey::from_stored(&stored).map(Some).map_err(|_| no_such_key(&link, "GQ"))
    }

    /// A new key, in the group of an existing one if there is one.
    fn new_gq(&mut self, present: Option<GqKey>, layout: GqLayout) -> Result<Option<GqKey>, Failure> {
        let key = match present {
            Some(present) => present.renewed().map_err(broken)?,
            None => match self.new_gq_group()? {
                Some(key) => key,
                None => return Ok(None),
            },
        };
        self.confirm("u^b (u^-1)^b = 1 mod n", key.confirm())?;
        self.confirm("g^k = v^r y^b mod n", key.try_exchange().map_err(broken)?)?;
        if layout == GqLayout::Original {
            self.warn(
                "a server's ntpd of 4.2.8 that was built with OpenSSL 1.1 cannot use this key of GQ; \
                 --gq-layout openssl-1.1 makes another",
            );
        }
        let stored = PrivateKey::Rsa(key.server(layout));
        let text = stored.to_pem(Form::Pkcs8, Some(self.protection())).map_err(broken)?;
        self.write("gqkey", "GQkey", &self.names.group, text.as_bytes(), true)?;
        Ok(Some(key))
    }

    /// New parameters and a key, if they can be generated at this size. To the classic program that is not a failure.
    fn new_gq_group(&mut self) -> Result<Option<GqKey>, Failure> {
        let bits = self.sizes.gq;
        self.tell(format!("Generating GQ parameters ({bits} bits)...\n"));
        if bits >= MIN_RSA_BITS {
            let key = GqKey::generate(bits).map_err(broken)?;
            self.tell("\n");
            if bits > MAX_USABLE_BITS {
                self.warn(&format!("ntpd 4.2.8 verifies GQ moduli of at most {MAX_USABLE_BITS} bits"));
            }
            return Ok(Some(key));
        }
        let text = format!("\nRSA generate keys fails\n{TOO_SMALL}");
        if !self.keeps(Quirk::KEYGEN_IGNORES_FAILURES) {
            return Err(Failure::Failed(text));
        }
        self.tell(format!("{text}\n"));
        Ok(None)
    }

    /// IFF.
    pub fn iff(&mut self) -> Result<(), Failure> {
        let key = if self.args.iffkey { Some(self.new_iff()?) } else { self.stored_iff()? };
        let Some(key) = key else { return Ok(()) };
        // Clients need the public number, for which PKCS#8 has no field.
        let for_clients =
            if self.keeps(Quirk::MEMBER_KEYS_INCOMPLETE) { Form::Pkcs8 } else { Form::Traditional };
        self.export(
            PrivateKey::Dsa(key.client()),
            PrivateKey::Dsa(key.server()),
            ["IFF parameters", "iffpar", "IFF keys", "iffkey"],
            [for_clients, Form::Pkcs8],
        )
    }

    fn stored_iff(&mut self) -> Result<Option<IffKey>, Failure> {
        let link = self.group_link("iffkey", "IFFkey");
        let Some(PrivateKey::Dsa(stored)) = self.use_stored(&link, "IFF keys")? else { return Ok(None) };
        IffKey::from_stored(&stored).map(Some).map_err(|_| no_such_key(&link, "IFF"))
    }

    fn new_iff(&mut self) -> Result<IffKey, Failure> {
        let bits = self.sizes.iff;
        self.tell(format!("Generating IFF keys ({bits} bits)...\n"));
        let key = IffKey::generate(bits.max(MIN_RSA_BITS)).map_err(broken)?;
        self.tell("\n");
        self.confirm("g^(q - b) g^b = 1 mod p", key.confirm())?;
        self.confirm("g^k = g^(k + b r) g^(q - b) r", key.try_exchange().map_err(broken)?)?;
        let stored = PrivateKey::Dsa(key.server());
        let text = stored.to_pem(Form::Pkcs8, Some(self.protection())).map_err(broken)?;
        self.write("iffkey", "IFFkey", &self.names.group, text.as_bytes(), true)?;
        Ok(key)
    }

    /// MV.
    pub fn mv(&mut self) -> Result<(), Failure> {
        let (server, client) = match self.sizes.mv {
            Some((clients, bits)) => {
                let MvKeys { server, clients, .. } = self.new_mv(clients, bits)?;
                (server, clients.into_iter().next())
            }
            None => match self.stored_mv()? {
                Some((server, client)) => (server, Some(client)),
                None => return Ok(()),
            },
        };
        let Some(client) = client else { return Ok(()) };
        let form = if self.keeps(Quirk::MEMBER_KEYS_INCOMPLETE) { Form::Pkcs8 } else { Form::Traditional };
        self.export(
            PrivateKey::Dsa(client),
            PrivateKey::Dsa(server),
            ["MV parameters", "mvpar", "MV keys", "mvkey"],
            [form, form],
        )
    }

    /// The server's key and the first client's.
    fn stored_mv(&mut self) -> Result<Option<(DsaKey, DsaKey)>, Failure> {
        let link = self.group_link("mvta", "MVta");
        let Some(stored) = self.stored(&link)? else { return Ok(None) };
        self.tell(format!("Using MV keys {}\n", stored.name));
        let mut keys = stored.keys.into_iter().skip(1);
        let (Some(PrivateKey::Dsa(server)), Some(PrivateKey::Dsa(client))) = (keys.next(), keys.next())
        else {
            return Err(no_such_key(&link, "MV"));
        };
        let wanted = self.args.id_key || self.export_password.is_some();
        if wanted && !self.keeps(Quirk::MEMBER_KEYS_INCOMPLETE) && client.public.is_one() {
            let text = format!(
                "ntp-keygen: {link} lacks numbers that members need, because the original omits them; use -V to generate new keys"
            );
            return Err(Failure::Failed(text));
        }
        Ok(Some((server, client)))
    }

    fn new_mv(&mut self, clients: u16, bits: u64) -> Result<MvKeys, Failure> {
        self.tell(format!(
            "Generating MV parameters for {clients} keys ({} bits)...\n",
            bits / u64::from(clients)
        ));
        let group = MvGroup::generate(clients, bits).map_err(broken)?;
        self.tell(format!(
            "Birthday keys regenerated {}\nDefective keys regenerated {}\n\
             Generating polynomial coefficients for {clients} roots ({} bits)\n",
            group.birthdays,
            group.defective,
            group.bits()
        ));
        let keys = group.keys().map_err(broken)?;
        self.confirm("prod(gs[i]^(x[j]^i)) = 1 for all i, j", keys.confirmed)?;
        let form = if self.keeps(Quirk::MEMBER_KEYS_INCOMPLETE) { Form::Pkcs8 } else { Form::Traditional };
        let mut text = Zeroizing::new(String::with_capacity(4096 * (2 + keys.clients.len())));
        for key in [&keys.authority, &keys.server].into_iter().chain(&keys.clients) {
            let block = PrivateKey::Dsa(key.clone()).to_pem(form, Some(self.protection())).map_err(broken)?;
            text.push_str(&block);
        }
        self.write("mvta", "MVta", &self.names.group, text.as_bytes(), true)?;
        self.tell(format!(
            "Generating MV trusted-authority keys\nGenerating MV server keys\nGenerating {clients} MV client keys\n"
        ));
        for number in &keys.revoked {
            self.tell(format!("Revoke key {number}\n"));
        }
        Ok(keys)
    }

    /// Reports whether an equation holds, and stops if it does not.
    fn confirm(&mut self, equation: &str, holds: bool) -> Result<(), Failure> {
        if !holds {
            self.tell(format!("Confirm {equation}: no\n"));
            return Err(broken(AutokeyError::Parameters));
        }
        self.tell(format!("Confirm {equation}: yes\n"));
        Ok(())
    }

    /// Writes what the options request to standard output: the client part and the server part.
    fn export(
        &mut self,
        client: PrivateKey,
        server: PrivateKey,
        [what_client, type_client, what_server, type_server]: [&str; 4],
        [form_client, form_server]: [Form; 2],
    ) -> Result<(), Failure> {
        if self.args.id_key {
            self.write_out(&Export {
                what: what_client,
                file_type: type_client,
                key: client,
                password: None,
                form: form_client,
            })?;
        }
        if let Some(password) = self.export_password.clone() {
            self.write_out(&Export {
                what: what_server,
                file_type: type_server,
                key: server,
                password: Some(&password),
                form: form_server,
            })?;
        }
        Ok(())
    }

    fn write_out(&mut self, export: &Export<'_>) -> Result<(), Failure> {
        let name = self.store.name(export.file_type, &self.names.group);
        self.tell(format!("Writing {} {name} to stdout\n", export.what));
        let protection =
            export.password.map(|password| Protection { cipher: self.cipher, password: password.as_bytes() });
        let text = export.key.to_pem(export.form, protection).map_err(broken)?;
        let whole = self.store.text(&name, text.as_bytes());
        self.context.output.result(&*whole);
        self.exported += 1;
        Ok(())
    }
}

/// A file with keys of another type than its name indicates.
fn no_such_key(link: &str, scheme: &str) -> Failure {
    Failure::Failed(format!("ntp-keygen: {link} contains no {scheme} key"))
}
