//! Text → tokens for the encoder and words for the features.

use std::path::Path;

use sha2::{Digest, Sha256};
use tokenizers::Tokenizer;

use crate::GradingError;
use crate::text::{self, Mark, Polarity, Trigrams, Word};

/// Identity of a text in caches.
pub type TextKey = [u8; 16];

pub fn text_key(text: &str) -> TextKey {
    let mut key = [0; 16];
    key.copy_from_slice(&Sha256::digest(text.as_bytes())[..16]);
    key
}

/// A text, ready to be encoded and compared.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub text: String,
    pub tokens: Tokens,
    pub words: Vec<Word>,
    /// For each token the index of the word it belongs to; `None` for punctuation and markers.
    pub word_of_token: Vec<Option<usize>>,
    /// Signs that are no words.
    pub marks: Vec<Mark>,
    pub polarity: Polarity,
    /// Words of which a contrary one may stand in their place, as they come.
    pub small: Vec<&'static str>,
    pub trigrams: Trigrams,
}

impl Prepared {
    /// Neither words nor signs.
    pub fn is_blank(&self) -> bool {
        self.words.is_empty() && self.marks.is_empty()
    }

    /// Is the word one token, and so one that the encoder knows?
    pub fn knows(&self, word: &Word) -> bool {
        let at = self.words.iter().position(|other| other.start == word.start);
        at.is_some() && self.word_of_token.iter().filter(|of| **of == at).count() == 1
    }
}

/// Token ids with the byte ranges they came from; the first and last are the model's markers.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    pub ids: Vec<u32>,
    pub offsets: Vec<(usize, usize)>,
    /// The text was longer than the model can read.
    pub truncated: bool,
}

/// Turns texts into tokens.
pub struct Preparer {
    tokens: Source,
    max_tokens: usize,
}

enum Source {
    WordPiece(Box<Tokenizer>),
    /// One token per word, by hash: for the fake backend.
    Hash,
}

impl Preparer {
    /// Reads `tokenizer.json`. Its padding and truncation settings are ignored.
    pub fn load(file: &Path, max_tokens: usize) -> Result<Self, GradingError> {
        let broken = |error| GradingError::ModelBroken(format!("tokenizer.json: {error}"));
        let mut tokenizer = Tokenizer::from_file(file).map_err(broken)?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(broken)?;
        Ok(Self {
            tokens: Source::WordPiece(Box::new(tokenizer)),
            max_tokens,
        })
    }

    pub fn fake() -> Self {
        Self {
            tokens: Source::Hash,
            max_tokens: 512,
        }
    }

    pub fn prepare(&self, text: &str) -> Result<Prepared, GradingError> {
        let words = text::words(text);
        let tokens = self.tokens(text, &words)?;
        let word_of_token = tokens
            .offsets
            .iter()
            .map(|&(start, end)| {
                let at = words.partition_point(|word| word.end <= start);
                (end > start && words.get(at).is_some_and(|word| word.start < end)).then_some(at)
            })
            .collect();
        Ok(Prepared {
            marks: text::marks(text, &words),
            polarity: text::polarity(text, &words),
            small: text::small_words(text, &words),
            trigrams: text::trigrams(text, &words),
            text: text.to_owned(),
            tokens,
            words,
            word_of_token,
        })
    }

    fn tokens(&self, text: &str, words: &[Word]) -> Result<Tokens, GradingError> {
        let mut tokens = match &self.tokens {
            Source::WordPiece(tokenizer) => {
                // Far beyond what the model reads, cutting first saves the time to tokenise it.
                let cut = cut_at(text, self.max_tokens * 40);
                let encoding = tokenizer
                    .encode(cut, true)
                    .map_err(|error| GradingError::Invalid(format!("a text cannot be tokenised: {error}")))?;
                Tokens {
                    ids: encoding.get_ids().to_vec(),
                    offsets: encoding.get_offsets().to_vec(),
                    truncated: cut.len() < text.len(),
                }
            }
            Source::Hash => hash_tokens(words),
        };
        if tokens.ids.len() > self.max_tokens {
            // Keep the closing marker: the model has never seen a text without it.
            let keep = self.max_tokens - 1;
            let last = tokens.ids.len() - 1;
            tokens.ids[keep] = tokens.ids[last];
            tokens.offsets[keep] = tokens.offsets[last];
            tokens.ids.truncate(self.max_tokens);
            tokens.offsets.truncate(self.max_tokens);
            tokens.truncated = true;
        }
        Ok(tokens)
    }
}

fn cut_at(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

pub(crate) fn hash_id(stem: &str) -> u32 {
    let digest = Sha256::digest(stem.as_bytes());
    u32::from_le_bytes([digest[0], digest[1], digest[2], 0]) + 3
}

fn hash_tokens(words: &[Word]) -> Tokens {
    let mut tokens = Tokens {
        ids: vec![1],
        offsets: vec![(0, 0)],
        truncated: false,
    };
    for word in words {
        tokens.ids.push(hash_id(&word.stem));
        tokens.offsets.push((word.start, word.end));
    }
    tokens.ids.push(2);
    tokens.offsets.push((0, 0));
    tokens
}
