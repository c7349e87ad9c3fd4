use super::*;

#[test]
fn any_one_bit_of_a_token_turned_over_denies() {
    for (name, algorithm) in [
        ("HS256", Algorithm::HS256),
        ("HS384", Algorithm::HS384),
        ("HS512", Algorithm::HS512),
    ] {
        let header = format!(r#"{{"alg":"{name}","typ":"JWT"}}"#);
        let token = signed_as(algorithm, &header, claims().to_string().as_bytes(), SECRET);
        assert!(judge(&token).is_ok());
        for at in 0..token.len() {
            for bit in 0..8 {
                let mut bytes = token.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                // What is no UTF-8 never gets here.
                if let Ok(changed) = String::from_utf8(bytes) {
                    assert_eq!(
                        judge(&changed),
                        Err(Denial::Invalid),
                        "{name}, byte {at}, bit {bit}"
                    );
                }
            }
        }
    }
}

#[test]
fn any_one_character_left_out_or_doubled_denies() {
    let token = with(&claims());
    for at in 0..token.len() {
        let mut shorter = token.clone();
        let character = shorter.remove(at);
        assert_eq!(
            judge(&shorter),
            Err(Denial::Invalid),
            "without character {at}"
        );
        let mut longer = token.clone();
        longer.insert(at, character);
        assert_eq!(
            judge(&longer),
            Err(Denial::Invalid),
            "with character {at} twice"
        );
    }
}

#[test]
fn a_token_cut_short_anywhere_denies() {
    let mut shorter = with(&claims());
    while shorter.pop().is_some() {
        assert_eq!(judge(&shorter), Err(Denial::Invalid), "{shorter}");
    }
}
