use shared::v1::auth::PublicKey;

use super::*;

#[test]
fn what_is_sealed_to_a_key_opens_with_it_for_its_own_setting_alone() {
    let key = PrivateKey::generate();
    let sealed = seal(key.public(), setting::SECRET, b"top secret").unwrap();
    assert_eq!(
        open(&key, setting::SECRET, &sealed).unwrap().expose(),
        b"top secret"
    );
    assert_eq!(
        open(&key, setting::KEY, &sealed).unwrap_err(),
        OpenError::Damaged
    );
}

#[test]
fn a_secret_opens_under_its_own_name_and_purpose_alone() {
    let key = PrivateKey::generate();
    let sealed = seal(key.public(), &setting::secret("A"), b"value").unwrap();
    let opened = open(&key, &setting::secret("A"), &sealed).unwrap();
    assert_eq!(opened.expose(), b"value");
    let others = [
        setting::secret("B"),
        setting::run_secret("A"),
        setting::SECRET.to_owned(),
        "A".to_owned(),
    ];
    for other in others {
        assert_eq!(open(&key, &other, &sealed).unwrap_err(), OpenError::Damaged);
    }
}

#[test]
fn a_key_reads_back_from_its_bytes_with_the_same_id() {
    let key = PrivateKey::generate();
    let again = PrivateKey::from_bytes(key.to_bytes().expose()).unwrap();
    assert_eq!(again.public(), key.public());
    assert_eq!(
        PrivateKey::from_bytes(&[1; 31]).unwrap_err(),
        KeyError { found: 31 }
    );
}

/// The key pair of Alice in RFC 7748, section 6.1.
#[test]
fn the_public_key_of_a_private_one_is_that_of_rfc_7748() {
    let private = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    let public = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    assert_eq!(
        PrivateKey::from_bytes(&private).unwrap().public().key,
        public
    );
}

#[test]
fn what_was_sealed_to_another_key_names_both() {
    let (key, other) = (PrivateKey::generate(), PrivateKey::generate());
    let sealed = seal(other.public(), setting::KEY, b"issuer").unwrap();
    let error = OpenError::OtherKey {
        sealed_to: other.public().key_id,
        here: key.public().key_id,
    };
    assert_eq!(open(&key, setting::KEY, &sealed).unwrap_err(), error);
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let key = PrivateKey::generate();
    let sealed = seal(key.public(), setting::KEY, b"issuer").unwrap();
    for at in 0..sealed.ciphertext.len() {
        let mut changed = sealed.clone();
        changed.ciphertext[at] ^= 1;
        assert_eq!(
            open(&key, setting::KEY, &changed).unwrap_err(),
            OpenError::Damaged
        );
    }
    for at in 0..sealed.encapsulated.len() {
        let mut changed = sealed.clone();
        changed.encapsulated[at] ^= 1;
        assert_eq!(
            open(&key, setting::KEY, &changed).unwrap_err(),
            OpenError::Damaged
        );
    }
    let mut short = sealed;
    short.encapsulated.pop();
    assert_eq!(
        open(&key, setting::KEY, &short).unwrap_err(),
        OpenError::Damaged
    );
}

#[test]
fn the_same_value_sealed_twice_looks_different() {
    let key = PrivateKey::generate();
    let once = seal(key.public(), setting::KEY, b"issuer").unwrap();
    let twice = seal(key.public(), setting::KEY, b"issuer").unwrap();
    assert_ne!(once.ciphertext, twice.ciphertext);
}

#[test]
fn a_public_key_of_the_wrong_length_or_of_low_order_is_refused() {
    let short = PublicKey {
        key_id: 1,
        key: vec![9; 31],
    };
    assert!(matches!(
        seal(&short, setting::KEY, b"x"),
        Err(SealError::PublicKey)
    ));
    let zero = PublicKey {
        key_id: 1,
        key: vec![0; 32],
    };
    assert!(matches!(
        seal(&zero, setting::KEY, b"x"),
        Err(SealError::Refused)
    ));
}

#[test]
fn neither_a_key_nor_a_secret_shows_in_debug() {
    let key = PrivateKey::from_bytes(&[0x41; 32]).unwrap();
    assert_eq!(
        format!("{key:?}"),
        format!("PrivateKey({:08x})", key.public().key_id)
    );
    assert_eq!(
        format!("{:?}", Secret::new(b"hidden".to_vec())),
        "[redacted]"
    );
}

fn hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
