//! The `Content-Disposition` of one part (RFC 7578 section 4.2, as browsers write it).

use percent_encoding::percent_decode_str;

use super::parameters::parameters;

/// The parameters that matter.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Disposition {
    /// The field's name.
    pub(super) name: Option<String>,
    /// The file's name; a part that has one is a file.
    pub(super) filename: Option<String>,
}

/// Reads the parameters; the first of a name counts. Bytes that are no UTF-8 become U+FFFD.
pub(super) fn parse(value: &[u8]) -> Disposition {
    let text = String::from_utf8_lossy(value);
    let mut found = Disposition::default();
    let mut extended = None;
    for (name, value) in parameters(&text) {
        match name.as_str() {
            "name" => found.name = found.name.or(Some(value)),
            "filename" => found.filename = found.filename.or(Some(value)),
            "filename*" => extended = extended.or(Some(value)),
            _ => {}
        }
    }
    // Forms may not use the extended notation, yet some clients do; the plain name goes first.
    found.filename = found
        .filename
        .or_else(|| extended.map(|value| decode_extended(&value)));
    found
}

/// `UTF-8''na%C3%AFve.txt` of RFC 8187.
fn decode_extended(value: &str) -> String {
    let encoded = value.splitn(3, '\'').nth(2).unwrap_or(value);
    percent_decode_str(encoded).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<String>, Option<String>) {
        let Disposition { name, filename } = parse(text.as_bytes());
        (name, filename)
    }

    fn named(name: &str, filename: &str) -> (Option<String>, Option<String>) {
        (Some(name.to_owned()), Some(filename.to_owned()))
    }

    #[test]
    fn names_are_read_quoted_and_bare_in_any_case_and_order() {
        assert_eq!(
            read(r#"form-data; name="a"; filename="b.txt""#),
            named("a", "b.txt")
        );
        assert_eq!(
            read("form-data; FileName=b.txt ;NAME=a"),
            named("a", "b.txt")
        );
        assert_eq!(
            read(r#"form-data; name = "a b" ; filename = "" "#),
            named("a b", "")
        );
        assert_eq!(read("form-data; name=a").1, None);
        assert_eq!(read("form-data"), (None, None));
    }

    #[test]
    fn a_file_name_cannot_pass_for_the_field_name() {
        assert_eq!(
            read(r#"form-data; filename="x; name=evil"; name="a""#),
            named("a", "x; name=evil")
        );
        assert_eq!(
            read(r#"form-data; filename="x\"; name=\"evil"; name="a""#),
            named("a", "x\"; name=\"evil")
        );
        assert_eq!(
            read(r#"form-data; name="a"; name="evil"; filename="f""#),
            named("a", "f")
        );
    }

    #[test]
    fn old_paths_and_extended_names_are_kept() {
        assert_eq!(
            read(r#"form-data; name="a"; filename="C:\dir\f.txt""#),
            named("a", r"C:\dir\f.txt")
        );
        assert_eq!(
            read("form-data; name=a; filename*=UTF-8''na%C3%AFve.txt"),
            named("a", "naïve.txt")
        );
        assert_eq!(
            read(r#"form-data; name="a"; filename="unclosed"#),
            named("a", "unclosed")
        );
    }

    #[test]
    fn white_space_that_is_no_ascii_makes_another_parameter() {
        let found = parse(b"form-data; name=\"a\";\xa0filename=\"a.txt\"");
        assert_eq!((found.name.as_deref(), found.filename), (Some("a"), None));
    }
}
