//! Signing a file inside itself. What is signed is the file as it stands with nothing between the marks of the signature, so that checking
//! needs no second file, no knowledge of the format, and refuses every altered byte, spaces and line ends included.

use crate::backup::manifest::verify;
use anyhow::{Context, bail, ensure};
use app::platform::signer::Signer;
use sha2::{Digest, Sha256};

/// How a kind of file shows its signature: what comes right before it, what ends the file, and what comes right before the public key.
struct Form {
    before: &'static str,
    after: &'static str,
    signer: &'static str,
}

const FORMS: [Form; 2] = [
    Form {
        before: "\n  \"signature\": \"",
        after: "\"\n}\n",
        signer: "\n  \"signer\": \"",
    },
    Form {
        before: "\n<!-- signature: ",
        after: " -->\n",
        signer: "<meta name=\"signer\" content=\"",
    },
];

/// A sealed file's pieces.
struct Pieces<'a> {
    head: &'a str,
    signature: &'a str,
    form: &'static Form,
}

impl Pieces<'_> {
    /// What is signed.
    fn text(&self) -> String {
        format!("{}{}", self.head, self.form.after)
    }

    /// The public key the file names.
    fn signer(&self) -> Option<&str> {
        let from = self.head.find(self.form.signer)? + self.form.signer.len();
        self.head[from..].split('"').next()
    }
}

fn pieces(text: &str) -> Option<Pieces<'_>> {
    FORMS.iter().find_map(|form| {
        let rest = text.strip_suffix(form.after)?;
        let at = rest.rfind(form.before)? + form.before.len();
        Some(Pieces {
            head: &rest[..at],
            signature: &rest[at..],
            form,
        })
    })
}

/// Signs a file that has nothing between the marks yet, and names the signer's key.
pub fn seal(text: &str, signer: &Signer) -> anyhow::Result<String> {
    let unsigned = pieces(text).context("the file has no place for a signature")?;
    ensure!(unsigned.signature.is_empty(), "the file is signed already");
    ensure!(
        unsigned.signer() == Some(signer.public_key().as_str()),
        "the file names another signer"
    );
    Ok(format!("{}{}{}", unsigned.head, signer.sign(text), unsigned.form.after))
}

/// Checks a sealed file; the public key that signed it. With `key` (hex), only that one will do.
pub fn check(text: &str, key: Option<&str>) -> anyhow::Result<String> {
    let sealed = pieces(text).context("this is no signed report, or its end is missing")?;
    let signer = sealed.signer().context("the file names no signer")?;
    if !verify(signer, &sealed.text(), sealed.signature) {
        bail!("the file was changed after it was signed: do not rely on it");
    }
    if let Some(key) = key {
        let key = key.trim().to_lowercase();
        ensure!(
            signer == key,
            "the file is whole, but signed with another key: {signer}"
        );
    }
    Ok(signer.to_owned())
}

/// The SHA-256 of a file, by which the two faces of a report know each other.
pub fn fingerprint(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(signer: &Signer) -> [String; 2] {
        let key = signer.public_key();
        [
            format!("{{\n  \"signer\": \"{key}\",\n  \"words\": \"all is well\",\n  \"signature\": \"\"\n}}\n"),
            format!("<meta name=\"signer\" content=\"{key}\">\n<p>all is well</p>\n<!-- signature:  -->\n"),
        ]
    }

    #[test]
    fn what_is_sealed_is_whole_and_names_its_key() {
        let signer = Signer::from_seed([3; 32]);
        for file in files(&signer) {
            let sealed = seal(&file, &signer).expect("sealed");
            assert_eq!(check(&sealed, None).expect("whole"), signer.public_key());
            check(&sealed, Some(&signer.public_key().to_uppercase())).expect("the right key");
            let other = Signer::from_seed([4; 32]).public_key();
            let error = check(&sealed, Some(&other)).expect_err("another key");
            assert!(error.to_string().contains("another key"), "{error}");
            assert!(seal(&sealed, &signer).is_err(), "sealed once only");
        }
    }

    #[test]
    fn every_altered_missing_or_added_byte_is_refused() {
        let signer = Signer::from_seed([5; 32]);
        for file in files(&signer) {
            let sealed = seal(&file, &signer).expect("sealed");
            for at in 0..sealed.len() {
                for flip in [0x01, 0x20] {
                    let mut bytes = sealed.clone().into_bytes();
                    bytes[at] ^= flip;
                    if let Ok(altered) = String::from_utf8(bytes) {
                        assert!(check(&altered, None).is_err(), "byte {at} of\n{sealed}");
                    }
                }
                let mut shorter = sealed.clone();
                shorter.remove(at);
                assert!(check(&shorter, None).is_err(), "without byte {at}");
            }
            assert!(check(&format!("{sealed} "), None).is_err());
            assert!(check(&format!(" {sealed}"), None).is_err());
        }
    }

    #[test]
    fn another_key_put_into_the_file_does_not_help() {
        let (signer, thief) = (Signer::from_seed([6; 32]), Signer::from_seed([7; 32]));
        let [json, _] = files(&signer);
        let sealed = seal(&json, &signer).expect("sealed");
        let forged = sealed.replace(&signer.public_key(), &thief.public_key());
        assert!(check(&forged, None).is_err());
        assert!(seal(&json, &thief).is_err(), "the file must name who signs");
    }
}
