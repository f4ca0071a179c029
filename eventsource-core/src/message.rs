//! The messages of checks that run at compile time, where nothing can be formatted.

/// A message put together at compile time, cut off where it would be too long.
pub(crate) struct Message {
    bytes: [u8; 512],
    len: usize,
}

impl Message {
    pub(crate) const EMPTY: Self = Self {
        bytes: [0; 512],
        len: 0,
    };

    pub(crate) const fn add(&mut self, text: &str) {
        let text = text.as_bytes();
        if self.len + text.len() > self.bytes.len() {
            return;
        }
        let mut at = 0;
        while at < text.len() {
            self.bytes[self.len] = text[at];
            self.len += 1;
            at += 1;
        }
    }

    /// A text of the user's code.
    pub(crate) const fn add_code(&mut self, text: &str) {
        self.add("`");
        self.add(text);
        self.add("`");
    }

    /// A stored name.
    pub(crate) const fn add_name(&mut self, text: &str) {
        self.add("\"");
        self.add(text);
        self.add("\"");
    }

    pub(crate) const fn add_number(&mut self, number: u32) {
        let mut digits = [0; 10];
        let mut at = digits.len();
        let mut rest = number;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if let Ok(text) = str::from_utf8(digits.split_at(at).1) {
            self.add(text);
        }
    }

    pub(crate) const fn text(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            // Only whole texts are added.
            Err(_) => "a text that cannot be shown",
        }
    }
}

/// Whether two texts are the same, which `==` cannot say at compile time.
pub(crate) const fn same_text(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
