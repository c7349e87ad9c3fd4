//! Bodies, by what they say they are.

use super::form::form;
use super::json::json;
use super::multipart::multipart;
use super::text::text;

/// What a body says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::run_log) enum Media {
    Json,
    Form,
    /// With its boundary.
    Multipart(String),
    Other,
}

impl Media {
    /// What a content type says.
    pub(in crate::run_log) fn of(content_type: Option<&str>) -> Self {
        let content_type = content_type.unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default();
        let essence = essence.trim().to_ascii_lowercase();
        if essence.starts_with("multipart/") {
            return match boundary(content_type) {
                Some(boundary) => Self::Multipart(boundary),
                None => Self::Other,
            };
        }
        match essence.as_str() {
            "application/x-www-form-urlencoded" => Self::Form,
            json if json.ends_with("json") => Self::Json,
            _ => Self::Other,
        }
    }
}

fn boundary(content_type: &str) -> Option<String> {
    let parameters = content_type.split(';').skip(1);
    let value = parameters.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then(|| value.trim().trim_matches('"').to_owned())
    });
    value.filter(|boundary| !boundary.is_empty()).last()
}

/// Masks a body, whole or cut off. One that begins like JSON is read as JSON whatever it says; one that is no text stays
/// as it is.
pub(in crate::run_log) fn body(bytes: Vec<u8>, media: &Media) -> Vec<u8> {
    if let Media::Multipart(boundary) = media {
        return multipart(&bytes, boundary);
    }
    let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let like_json = *media == Media::Json || matches!(begins, Some(b'{' | b'['));
    let structured = like_json || *media == Media::Form;
    let plain = match std::str::from_utf8(&bytes) {
        Ok(plain) => plain.to_owned(),
        // Cut off within a letter, or a name or value in another encoding: what is masked must be read all the same.
        Err(error) if structured || error.error_len().is_none() => {
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Err(_) => return bytes,
    };
    let masked = match media {
        Media::Form => form(&plain),
        _ if like_json => text(&json(&plain)),
        _ => text(&plain),
    };
    masked.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(content_type: &str, bytes: &[u8]) -> String {
        let masked = body(bytes.to_vec(), &Media::of(Some(content_type)));
        String::from_utf8_lossy(&masked).into_owned()
    }

    #[test]
    fn a_body_is_masked_as_what_it_is() {
        for (content_type, bytes, wanted) in [
            (
                "application/json",
                r#"{"password":"x"}"#,
                r#"{"password":"***"}"#,
            ),
            (
                "application/vnd.api+JSON; a=b",
                r#"{"password":"x"}"#,
                r#"{"password":"***"}"#,
            ),
            (
                "text/plain",
                r#" {"password":"x"}"#,
                r#" {"password":"***"}"#,
            ),
            (
                "application/x-www-form-urlencoded",
                "password=x&a=b",
                "password=***&a=b",
            ),
            ("text/plain", "password=x", "password=x"),
            (
                "text/html",
                "<a href=\"https://h/?token=x\">",
                "<a href=\"https://h/?token=***\">",
            ),
            ("", "see https://u:p@h", "see https://***@h"),
        ] {
            assert_eq!(masked(content_type, bytes.as_bytes()), wanted);
        }
    }

    #[test]
    fn parts_of_a_multipart_body_are_masked_by_their_names() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nann\r\n\
            --b\r\ncontent-disposition: form-data; name=\"Pass_Word\"\r\n\r\nhunter2\r\n\
            --b\r\nContent-Disposition: form-data; name=\"j\"\r\nContent-Type: application/json\r\n\r\n\
            {\"token\":\"hunter2\"}\r\n--b--\r\n";
        let all = masked("multipart/form-data; boundary=b", body.as_bytes());
        assert!(!all.contains("hunter2") && all.contains("ann"), "{all}");
        assert!(all.ends_with("{\"token\":\"***\"}\r\n--b--\r\n"), "{all}");
        let within = body.find("hunter2").unwrap() + 4;
        let cut = masked(
            "multipart/form-data; boundary=\"b\"",
            &body.as_bytes()[..within],
        );
        assert!(
            !cut.contains("hunt") && cut.ends_with("\r\n\r\n***"),
            "{cut}"
        );
    }

    #[test]
    fn bad_bytes_hide_no_secret_and_binary_stays_as_it_is() {
        let form = masked(
            "application/x-www-form-urlencoded",
            b"a=\xff&password=hunter2",
        );
        assert!(!form.contains("hunter2"), "{form}");
        let cut = masked(
            "application/json",
            b"{\"password\":\"hunter2\",\"a\":\"\xc3",
        );
        assert!(!cut.contains("hunter2"), "{cut}");
        let image = b"\x89PNG\xff\x00://u:p@h ".to_vec();
        assert_eq!(body(image.clone(), &Media::of(Some("image/png"))), image);
    }
}
