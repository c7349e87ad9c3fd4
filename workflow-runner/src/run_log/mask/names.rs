//! Names that say that a secret follows.

/// Parts of a name that say so, wherever they stand in it.
const PARTS: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "token",
    "apikey",
    "authorization",
    "credential",
    "privatekey",
    "accesskey",
    "jwt",
];

/// Names that say so only as a whole: as parts they would stand in harmless words.
const WHOLE: [&str; 11] = [
    "auth",
    "pwd",
    "pass",
    "pin",
    "otp",
    "cvv",
    "cvc",
    "cookie",
    "session",
    "sessionid",
    "sid",
];

/// Headers that say so, beside those whose names do by themselves.
const HEADERS: [&str; 4] = ["cookie", "set-cookie", "x-auth", "authentication"];

/// Whether a field of this name holds a secret. Case and punctuation do not matter: `API-Key` is `api_key` is `apiKey`.
pub(in crate::run_log) fn secret_field(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    WHOLE.contains(&plain.as_str()) || PARTS.iter().any(|part| plain.contains(part))
}

/// Whether a number under this name is a count: `max_tokens` is no token.
pub(super) fn counts(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("tokens")
}

/// Whether a header of this name holds a secret.
pub(in crate::run_log) fn secret_header(name: &str) -> bool {
    HEADERS
        .iter()
        .any(|header| name.eq_ignore_ascii_case(header))
        || secret_field(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_name_in_any_spelling() {
        for name in [
            "password",
            "Password",
            "user[passwd]",
            "newPassWord",
            "api_key",
            "API-Key",
            "apiKey",
            "x-api-key",
            "client_secret",
            "access_token",
            "Authorization",
            "pin",
            "auth",
        ] {
            assert!(secret_field(name), "{name}");
        }
        for name in [
            "name",
            "author",
            "key",
            "passenger",
            "compass",
            "spinning",
            "keyboard",
            "authors",
            "",
        ] {
            assert!(!secret_field(name), "{name}");
        }
    }

    #[test]
    fn a_header_with_credentials_is_known_by_its_name() {
        for name in [
            "authorization",
            "Proxy-Authorization",
            "COOKIE",
            "set-cookie",
            "x-api-key",
            "x-auth-token",
            "X-Amz-Security-Token",
        ] {
            assert!(secret_header(name), "{name}");
        }
        for name in [
            "content-type",
            "accept",
            "idempotency-key",
            "user-agent",
            "etag",
        ] {
            assert!(!secret_header(name), "{name}");
        }
    }
}
