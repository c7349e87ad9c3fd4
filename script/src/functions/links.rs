//! What people click on and point their phones at: `signUrl`, `qrCode`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::Value;
use qrcode::QrCode;
use qrcode::render::svg;

use super::crypto::signature;
use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};

pub(crate) const FUNCTIONS: &[Entry] = &[
    entry("signUrl", &["url", "secret", "seconds"], 2, sign_url),
    entry("qrCode", &["text", "size"], 1, qr_code),
];

/// `signUrl(url, secret, seconds = 3600)`: the URL with two more query parameters: `expires`, in seconds since 1970, and
/// `signature`, the hexadecimal HMAC-SHA256 by the secret over the whole URL up to there. A fragment stays behind them.
/// Whoever gets the URL checks it with `hashHmac` over all that stands before `&signature=`.
fn sign_url(call: &Call<'_, '_, '_>) -> Outcome {
    let (url, secret) = (call.text(0)?, call.text(1)?);
    if secret.is_empty() {
        return Err(call.wrong(1, "must not be empty"));
    }
    call.charge_bytes(url.len().saturating_mul(2))?;
    let seconds = call.whole_or(2, 3600)?;
    let expires = call.run()?.scope.now.as_second().saturating_add(seconds);
    let (page, fragment) = match url.split_once('#') {
        Some((page, fragment)) => (page, format!("#{fragment}")),
        None => (url.as_ref(), String::new()),
    };
    let joint = if page.contains('?') { '&' } else { '?' };
    let signed = format!("{page}{joint}expires={expires}");
    let signature = signature(&secret, &signed);
    Ok(Value::from(format!(
        "{signed}&signature={signature}{fragment}"
    )))
}

/// `qrCode(text, size = 200)`: a QR code (ISO/IEC 18004) as a `data:` URL of an SVG image, for `<img src="…">`; `size` is its
/// width in pixels, or the next one that its modules fill, 2000 at most. Fails where the text is longer than a QR code holds, 2953 bytes.
fn qr_code(call: &Call<'_, '_, '_>) -> Outcome {
    /// What drawing the largest code costs, in fuel.
    const COST: usize = 20_000;
    let text = call.text(0)?;
    let size = call.whole_or(1, 200)?;
    let size = u32::try_from(size)
        .ok()
        .filter(|size| (1..=2000).contains(size));
    let size = size.ok_or_else(|| call.wrong(1, "must be between 1 and 2000"))?;
    call.charge(COST)?;
    let code = QrCode::new(text.as_bytes())
        .map_err(|error| call.wrong(0, &format!("makes no QR code: {error}")))?;
    let image = code
        .render::<svg::Color<'_>>()
        .min_dimensions(size, size)
        .build();
    Ok(Value::from(format!(
        "data:image/svg+xml;base64,{}",
        STANDARD.encode(image)
    )))
}
