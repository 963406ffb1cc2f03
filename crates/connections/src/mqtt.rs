//! The broker: who a service is there, and how it gets there.
//!
//! The section `[mqtt]` differs between services, so each has its own; what they have in common is read from it
//! here.

use common::address::Address;
use common::config::Secret;
use common::tls::CaFile;
use rumqttc::{MqttOptions, TlsConfiguration, Transport};

/// The name of the session at the `number`th broker: one session per broker, and the first keeps the plain name.
pub fn client_id(configured: &str, number: usize) -> String {
    match number {
        0 => configured.to_owned(),
        n => format!("{configured}-{n}"),
    }
}

/// What `username` and `password` of a configuration mean: without a name, nothing is said.
pub fn credentials<'a>(username: &'a str, password: &'a Secret) -> Option<(&'a str, &'a str)> {
    (!username.is_empty()).then(|| (username, password.expose()))
}

/// Plain, or TLS that trusts the CAs in the file only.
pub fn transport(ca_file: &CaFile) -> Transport {
    match ca_file.client() {
        Some(config) => Transport::tls_with_config(TlsConfiguration::Rustls(config)),
        None => Transport::tcp(),
    }
}

/// What a connection over MQTT 3.1.1 begins with: who, where to, and over what. Keep-alive, session and the like
/// are the caller's.
pub fn options(
    client_id: &str,
    address: &Address,
    credentials: Option<(&str, &str)>,
    ca_file: &CaFile,
) -> MqttOptions {
    let mut options = MqttOptions::new(client_id, &address.host, address.port);
    options.set_transport(transport(ca_file));
    if let Some((user, password)) = credentials {
        options.set_credentials(user, password);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_broker_keeps_the_plain_name() {
        assert_eq!(client_id("register", 0), "register");
        assert_eq!(client_id("register", 2), "register-2");
    }

    #[test]
    fn without_a_user_no_password_is_sent() {
        let password = Secret::new("hush");
        assert_eq!(credentials("", &password), None);
        assert_eq!(credentials("web", &password), Some(("web", "hush")));
        let address = "localhost:1883".parse().unwrap();
        let anonymous = options("", &address, credentials("", &password), &CaFile::default());
        assert_eq!(anonymous.credentials(), None);
        assert_eq!(anonymous.broker_address(), ("localhost".to_owned(), 1883));
    }
}
