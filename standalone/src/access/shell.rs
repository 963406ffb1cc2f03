//! What people's shells and the mosquitto tools read.

use std::path::Path;

use crate::plan::{Ports, loopback};

/// `credentials.env`, for `. credentials.env`. The mosquitto tools look for their options in `$XDG_CONFIG_HOME`.
pub(super) fn credentials(
    ports: &Ports,
    username: &str,
    password: &str,
    api_token: &str,
    options: &Path,
    first_admin: &Path,
) -> String {
    let register = format!("http://{}", loopback(ports.register));
    let web = format!("http://{}", loopback(ports.web));
    let options = options.to_string_lossy();
    let lines = [
        ("OPS_MQTT_USERNAME", username),
        ("OPS_MQTT_PASSWORD", password),
        ("OPS_REGISTER_URL", &register),
        ("OPS_REGISTER_TOKEN", api_token),
        ("OPS_WEB_URL", &web),
        ("XDG_CONFIG_HOME", &options),
    ]
    .map(|(name, value)| format!("export {name}={}\n", quoted(value)));
    format!(
        "# Written by `pile-ops up` at every start. Whoever has this file may speak and read as any pile.\n\
         # `. credentials.env` lets mosquitto_pub, mosquitto_sub and mosquitto_rr of this shell in.\n{}\
         # The web interface's first account; its password is to be changed at the first sign-in.\n\
         if [ -r {first} ]; then read -r OPS_WEB_ACCOUNT OPS_WEB_PASSWORD < {first}; \
         export OPS_WEB_ACCOUNT OPS_WEB_PASSWORD; fi\n",
        lines.concat(),
        first = quoted(&first_admin.to_string_lossy())
    )
}

/// The options of one mosquitto tool; what is on its command line comes first.
pub(super) fn tool_options(ports: &Ports, username: &str, password: &str) -> String {
    format!("-h 127.0.0.1\n-p {}\n-u {username}\n-P {password}\n", ports.mqtt)
}

/// As one word of a shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_word_whatever_is_in_it() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
