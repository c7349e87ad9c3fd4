//! Keyed digests and encryption: `hashHmac`, `encrypt`, `decrypt`.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use minijinja::{Error, Value};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};

pub(crate) const FUNCTIONS: &[Entry] = &[
    entry(
        "hashHmac",
        &["data", "key", "algorithm", "encoding"],
        2,
        hash_hmac,
    ),
    entry("encrypt", &["text", "key"], 2, encrypt),
    entry("decrypt", &["text", "key"], 2, decrypt),
];

/// What an encrypted text begins with: the form of all that follows.
const FORM: &str = "e1.";

/// The bytes of an XChaCha20 nonce.
const NONCE: usize = 24;

/// `hashHmac(data, key, algorithm = "sha256", encoding = "hex")`: the HMAC (RFC 2104) of a text. The algorithm is `sha256`,
/// `sha384`, `sha512` or `sha1`, the encoding `hex`, `base64` or `base64url`.
/// `hashHmac("a", "k")` is `78da91511e675587f5b9df78bedebaf5560da2abb88162ee875dcdf744951d9e`.
fn hash_hmac(call: &Call<'_, '_, '_>) -> Outcome {
    let (data, key) = (call.text(0)?, call.text(1)?);
    call.charge_bytes(data.len())?;
    let (data, key) = (data.as_bytes(), key.as_bytes());
    let digest = match call.text_or(2, "sha256")?.as_ref() {
        "sha1" => mac::<Hmac<Sha1>>(key, data),
        "sha256" => mac::<Hmac<Sha256>>(key, data),
        "sha384" => mac::<Hmac<Sha384>>(key, data),
        "sha512" => mac::<Hmac<Sha512>>(key, data),
        _ => return Err(call.wrong(2, "must be sha256, sha384, sha512 or sha1")),
    };
    let text = match call.text_or(3, "hex")?.as_ref() {
        "hex" => digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        "base64" => STANDARD.encode(digest),
        "base64url" => URL_SAFE_NO_PAD.encode(digest),
        _ => return Err(call.wrong(3, "must be hex, base64 or base64url")),
    };
    Ok(Value::from(text))
}

/// HMAC takes a key of any length.
fn mac<M: Mac + hmac::KeyInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
    <M as hmac::KeyInit>::new_from_slice(key)
        .map(|mac| mac.chain_update(data).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

/// The hexadecimal HMAC-SHA256 of a text.
pub(super) fn signature(key: &str, data: &str) -> String {
    let digest = mac::<Hmac<Sha256>>(key.as_bytes(), data.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `encrypt(text, key)`: the text encrypted and authenticated (XChaCha20-Poly1305), as one word that `decrypt` opens with
/// the same key. The key may be any text; take a long random one from `secret`. Fails where the key is empty.
fn encrypt(call: &Call<'_, '_, '_>) -> Outcome {
    let (text, key) = (call.text(0)?, call.text(1)?);
    call.charge_bytes(text.len().saturating_mul(2))?;
    let cipher = cipher(call, &key)?;
    // Made from the text as well as from the run's randomness: it repeats only with the text, where that tells nothing.
    let drawn = format!("{:016x}{text}", call.run()?.random());
    let nonce = mac::<Hmac<Sha256>>(key.as_bytes(), drawn.as_bytes());
    let nonce = nonce.get(..NONCE).unwrap_or_default();
    let sealed = XNonce::try_from(nonce)
        .ok()
        .and_then(|nonce| cipher.encrypt(&nonce, text.as_bytes()).ok());
    let sealed = sealed.ok_or_else(|| call.fault("the text cannot be encrypted"))?;
    let whole = [nonce, &sealed].concat();
    Ok(Value::from(format!(
        "{FORM}{}",
        URL_SAFE_NO_PAD.encode(whole)
    )))
}

/// `decrypt(text, key)`: what `encrypt` was given. Fails where the text was not made by `encrypt` with this key, or was
/// changed since.
fn decrypt(call: &Call<'_, '_, '_>) -> Outcome {
    let (text, key) = (call.text(0)?, call.text(1)?);
    call.charge_bytes(text.len())?;
    let cipher = cipher(call, &key)?;
    let opened = text
        .strip_prefix(FORM)
        .and_then(|word| URL_SAFE_NO_PAD.decode(word).ok())
        .and_then(|whole| {
            let (nonce, sealed) = whole.split_at_checked(NONCE)?;
            let nonce = XNonce::try_from(nonce).ok()?;
            cipher.decrypt(&nonce, sealed).ok()
        })
        .and_then(|bytes| String::from_utf8(bytes).ok());
    opened
        .map(Value::from)
        .ok_or_else(|| call.wrong(0, "was not made by `encrypt` with this key"))
}

fn cipher(call: &Call<'_, '_, '_>, key: &str) -> Result<XChaCha20Poly1305, Error> {
    if key.is_empty() {
        return Err(call.wrong(1, "must not be empty"));
    }
    let mut derived = [0; 32];
    Hkdf::<Sha256>::new(None, key.as_bytes())
        .expand(b"earshot script encrypt", &mut derived)
        .map_err(|_| call.fault("no key can be made of this one"))?;
    Ok(XChaCha20Poly1305::new(&derived.into()))
}
