//! Bodies that were mangled on the way: every one is read or refused, and the check that the gateway
//! makes agrees with what the runner reads.

use super::{classify, json, multipart};

/// A small generator of numbers: the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = crate::template::mix(self.0, 1);
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

const MULTIPART: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"a\\\"b\"; filename=\"\xc3\xa9.txt\"; \
    filename*=UTF-8''%C3%A9\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n\
    --x\r\nContent-Disposition: form-data; name=b\r\n\r\nvalue\r\n--x--\r\n";
const JSON: &[u8] =
    br#"{"a": [1, -2.5e3, "\u00e9\ud83e\udd80", {"b": null}], "c": true, "d": "text \" \\ "}"#;

fn mangled(original: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    const PIECES: [&[u8]; 12] = [
        b"\r\n",
        b"--x",
        b"\"",
        b"\\",
        b";",
        b"=",
        b"\xff",
        b"\0",
        b"{",
        b"]",
        b"\xc3",
        b"9999999999",
    ];
    let mut bytes = original.to_vec();
    for _ in 0..=numbers.below(4) {
        let place = numbers.below(bytes.len());
        match numbers.below(4) {
            0 => bytes[place] = PIECES[numbers.below(PIECES.len())][0],
            1 => drop(bytes.splice(
                place..place,
                PIECES[numbers.below(PIECES.len())].iter().copied(),
            )),
            2 => drop(bytes.drain(place..bytes.len().min(place + 1 + numbers.below(20)))),
            _ => bytes.truncate(place.max(1)),
        }
        if bytes.is_empty() {
            bytes.push(b'-');
        }
    }
    bytes
}

#[test]
fn mangled_json_is_read_or_refused_and_check_and_parser_agree() {
    let mut numbers = Numbers(1);
    let mut accepted = 0;
    for _ in 0..5_000 {
        let body = mangled(JSON, &mut numbers);
        let parsed = json::parse(&body);
        assert_eq!(
            classify(Some("application/json"), &body).err(),
            parsed.as_ref().err().cloned()
        );
        accepted += usize::from(parsed.is_ok());
    }
    assert!(accepted > 0);
}

#[test]
fn mangled_forms_are_read_or_refused() {
    let mut numbers = Numbers(2);
    let mut accepted = 0;
    for _ in 0..5_000 {
        let body = mangled(MULTIPART, &mut numbers);
        accepted += usize::from(multipart::parse("multipart/form-data; boundary=x", &body).is_ok());
    }
    assert!(accepted > 0);
}
