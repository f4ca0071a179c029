//! Type names without their modules.

/// `Transfer<Account>` of `bank::command::Transfer<bank::account::Account>`.
pub(crate) fn short(path: &str) -> String {
    let mut name = String::with_capacity(path.len());
    // Where the part of the path that is being read began.
    let mut part = 0;
    let mut chars = path.chars().peekable();
    while let Some(c) = chars.next() {
        if c == ':' && chars.peek() == Some(&':') {
            chars.next();
            name.truncate(part);
            continue;
        }
        name.push(c);
        if !(c.is_alphanumeric() || c == '_') {
            part = name.len();
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn modules_are_left_out_also_within_generics() {
        assert_eq!(short("Plain"), "Plain");
        assert_eq!(short("a::b::C"), "C");
        assert_eq!(short("a::C<b::D, &e::F>"), "C<D, &F>");
        assert_eq!(short("(a::B, alloc::vec::Vec<c::D>)"), "(B, Vec<D>)");
        assert_eq!(short("[a::B; 3]"), "[B; 3]");
    }
}
