//! XMP: the rights it states, and packets of our own (ISO 16684-1).
//!
//! A packet is read by a scanner that knows tags, attributes and text, which is enough for properties at the top and for
//! the lists in them. It is total: damaged XML gives what could be read of it.

mod scan;

use super::rights::{DEFAULT_LANGUAGE, Localized, Rights};
use scan::{Tag, Token, tokens};

const DC: &str = "http://purl.org/dc/elements/1.1/";
const XMP_RIGHTS: &str = "http://ns.adobe.com/xap/1.0/rights/";
/// Most bytes of one text that is taken over.
const MAX_TEXT: usize = 64 << 10;
/// Most texts of one property.
const MAX_TEXTS: usize = 100;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Property {
    Rights,
    Creator,
    Owner,
    UsageTerms,
    Marked,
    WebStatement,
    Certificate,
}

impl Property {
    fn of(uri: &str, local: &str) -> Option<Property> {
        Some(match (uri, local) {
            (DC, "rights") => Property::Rights,
            (DC, "creator") => Property::Creator,
            (XMP_RIGHTS, "Owner") => Property::Owner,
            (XMP_RIGHTS, "UsageTerms") => Property::UsageTerms,
            (XMP_RIGHTS, "Marked") => Property::Marked,
            (XMP_RIGHTS, "WebStatement") => Property::WebStatement,
            (XMP_RIGHTS, "Certificate") => Property::Certificate,
            _ => return None,
        })
    }
}

/// What a packet says of rights: `dc:rights`, `dc:creator` and all of `xmpRights`.
pub(super) fn rights(xmp: &[u8]) -> Rights {
    let text = String::from_utf8_lossy(xmp);
    let mut reader = Reading::default();
    for token in tokens(&text) {
        match token {
            Token::Start(tag) => reader.start(&tag),
            Token::Text(text) => reader.value.push_str(&text),
            Token::End => reader.end(),
        }
    }
    reader.rights
}

/// A packet being read.
#[derive(Default)]
struct Reading {
    rights: Rights,
    /// Prefixes and what they stand for.
    spaces: Vec<(String, String)>,
    /// The property that is open, and how many elements are open in it.
    open: Option<(Property, usize)>,
    /// Whether the open property has items.
    has_items: bool,
    /// Whether the innermost open element of a property is an item.
    in_item: bool,
    language: Option<String>,
    value: String,
}

impl Reading {
    fn start(&mut self, tag: &Tag<'_>) {
        for (name, value) in &tag.attributes {
            if let Some(prefix) = name.strip_prefix("xmlns:")
                && self.spaces.len() < MAX_TEXTS
            {
                self.spaces.retain(|(known, _)| known != prefix);
                self.spaces.push((prefix.to_owned(), value.clone()));
            }
        }
        if let Some((_, depth)) = &mut self.open {
            let is_item = tag.name.rsplit(':').next() == Some("li");
            if is_item {
                self.has_items = true;
                self.in_item = true;
                self.language = tag.attribute("xml:lang").map(str::to_owned);
                self.value.clear();
            }
            if tag.is_empty {
                self.in_item = false;
            } else {
                *depth += 1;
            }
            return;
        }
        for (name, value) in &tag.attributes {
            if let Some(property) = self.property(name) {
                self.put(property, None, value);
            }
        }
        if let Some(property) = self.property(tag.name) {
            let resource = |(name, _): &&(&str, String)| name.ends_with(":resource");
            if let Some((_, value)) = tag.attributes.iter().find(resource) {
                self.put(property, None, value);
            }
            if !tag.is_empty {
                self.open = Some((property, 0));
                self.has_items = false;
                self.value.clear();
            }
        }
    }

    fn end(&mut self) {
        let Some((property, depth)) = self.open else {
            return;
        };
        if self.in_item || (depth == 0 && !self.has_items) {
            let value = std::mem::take(&mut self.value);
            let language = self.language.take();
            self.put(property, language.as_deref(), &value);
            self.in_item = false;
        }
        self.value.clear();
        self.open = depth.checked_sub(1).map(|depth| (property, depth));
    }

    /// The property that a qualified name stands for.
    fn property(&self, name: &str) -> Option<Property> {
        let (prefix, local) = name.split_once(':')?;
        let declared = self.spaces.iter().find(|(known, _)| known == prefix);
        let uri = match (declared, prefix) {
            (Some((_, uri)), _) => uri.as_str(),
            (None, "dc") => DC,
            (None, "xmpRights") => XMP_RIGHTS,
            _ => return None,
        };
        Property::of(uri, local)
    }

    fn put(&mut self, property: Property, language: Option<&str>, value: &str) {
        let value = value.trim();
        if value.is_empty() || value.len() > MAX_TEXT {
            return;
        }
        let localized = || Localized {
            language: language.unwrap_or(DEFAULT_LANGUAGE).to_owned(),
            text: value.to_owned(),
        };
        let rights = &mut self.rights;
        let list = match property {
            Property::Rights => return push(&mut rights.notices, localized()),
            Property::UsageTerms => return push(&mut rights.terms, localized()),
            Property::Creator => return push(&mut rights.creators, value.to_owned()),
            Property::Owner => return push(&mut rights.owners, value.to_owned()),
            Property::Marked => &mut rights.marked,
            Property::WebStatement => &mut rights.statement,
            Property::Certificate => &mut rights.certificate,
        };
        list.get_or_insert_with(|| value.to_owned());
    }
}

fn push<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if list.len() < MAX_TEXTS && !list.contains(&item) {
        list.push(item);
    }
}

/// A packet that says nothing but this.
pub(super) fn packet(rights: &Rights) -> Vec<u8> {
    wrapped(&description(rights))
}

/// A packet around descriptions.
pub(super) fn wrapped(descriptions: &str) -> Vec<u8> {
    format!(
        "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">{descriptions}</rdf:RDF>\
         </x:xmpmeta><?xpacket end=\"w\"?>"
    )
    .into_bytes()
}

/// An `rdf:Description` of rights.
pub(super) fn description(rights: &Rights) -> String {
    let mut out = format!(
        "<rdf:Description rdf:about=\"\" xmlns:dc=\"{DC}\" xmlns:xmpRights=\"{XMP_RIGHTS}\">"
    );
    let localized = |texts: &[Localized]| {
        let item = |t: &Localized| {
            let (language, text) = (escaped(&t.language), escaped(&t.text));
            format!("<rdf:li xml:lang=\"{language}\">{text}</rdf:li>")
        };
        texts.iter().map(item).collect::<String>()
    };
    let plain = |texts: &[String]| {
        let item = |text: &String| format!("<rdf:li>{}</rdf:li>", escaped(text));
        texts.iter().map(item).collect::<String>()
    };
    for (name, list, items) in [
        ("dc:rights", "rdf:Alt", localized(&rights.notices)),
        ("dc:creator", "rdf:Seq", plain(&rights.creators)),
        ("xmpRights:Owner", "rdf:Bag", plain(&rights.owners)),
        ("xmpRights:UsageTerms", "rdf:Alt", localized(&rights.terms)),
    ] {
        if !items.is_empty() {
            out.push_str(&format!("<{name}><{list}>{items}</{list}></{name}>"));
        }
    }
    for (name, value) in [
        ("xmpRights:Marked", &rights.marked),
        ("xmpRights:WebStatement", &rights.statement),
        ("xmpRights:Certificate", &rights.certificate),
    ] {
        if let Some(value) = value {
            out.push_str(&format!("<{name}>{}</{name}>", escaped(value)));
        }
    }
    out.push_str("</rdf:Description>");
    out
}

/// Text for XML 1.0, which has no place for most control characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\0' => out.push_str("; "),
            '\t' | '\n' | '\r' => out.push(c),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {}
            c => out.push(c),
        }
    }
    out
}

/// A packet with one more description; `None` when it has no end to put it at.
pub(super) fn with_description(xmp: &[u8], description: &str) -> Option<Vec<u8>> {
    const END: &[u8] = b"</rdf:RDF>";
    let at = xmp.windows(END.len()).rposition(|w| w == END)?;
    let (before, after) = xmp.split_at_checked(at)?;
    Some([before, description.as_bytes(), after].concat())
}

/// The descriptions of a packet, without what is around them.
pub(super) fn descriptions(xmp: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(xmp).ok()?;
    let start = text.find("<rdf:RDF")?;
    let start = start + text.get(start..)?.find('>')? + 1;
    let end = text.rfind("</rdf:RDF>")?;
    text.get(start..end)
}

/// Names the extension of a packet that does not fit one segment (XMP specification part 3, §1.1.3.1).
const HAS_EXTENSION: &str = "xmpNote:HasExtendedXMP";

/// A packet and its extension, which JPEG stores in pieces of name, offset and bytes, in one; the packet alone when pieces
/// are missing.
pub(super) fn extended(main: &[u8], pieces: &[([u8; 32], u32, Vec<u8>)]) -> Vec<u8> {
    let whole = || {
        let text = std::str::from_utf8(main).ok()?;
        let at = text.find(HAS_EXTENSION)?;
        // Attribute or element: the name is the next 32 letters and digits in either.
        let behind = text.get(at + HAS_EXTENSION.len()..)?;
        let start = behind.find(|c: char| c.is_ascii_alphanumeric())?;
        let name = behind.get(start..start + 32)?.as_bytes();
        let mut bytes = Vec::new();
        for (_, offset, piece) in pieces.iter().filter(|(of, ..)| of == name) {
            if usize::try_from(*offset) != Ok(bytes.len()) {
                return None;
            }
            bytes.extend(piece);
        }
        let more = descriptions(&bytes)?;
        // A name that leads nowhere must not stay.
        let settled = text.replacen(HAS_EXTENSION, "xmpNote:HadExtendedXMP", 2);
        with_description(settled.as_bytes(), more)
    };
    whole().unwrap_or_else(|| main.to_vec())
}

/// A packet that says as little as possible, and names the extension `name` for the rest.
pub(super) fn with_extension(rights: &Rights, name: &str) -> Vec<u8> {
    const NOTE: &str = "http://ns.adobe.com/xmp/note/";
    let note = format!(
        "<rdf:Description rdf:about=\"\" xmlns:xmpNote=\"{NOTE}\" {HAS_EXTENSION}=\"{name}\"/>"
    );
    let rights = if rights.is_empty() {
        String::new()
    } else {
        description(rights)
    };
    wrapped(&(rights + &note))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn example() -> Rights {
        Rights {
            creators: vec!["A & B".to_owned(), "Ç <x>".to_owned()],
            notices: vec![
                Localized::plain("© \"A\""),
                Localized {
                    language: "de-CH".to_owned(),
                    text: "Alle Rechte".to_owned(),
                },
            ],
            owners: vec!["O".to_owned()],
            terms: vec![Localized::plain("none")],
            marked: Some("True".to_owned()),
            statement: Some("https://a.example/?a=1&b=2".to_owned()),
            certificate: Some("c".to_owned()),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(rights(&packet(&example())), example());
        let both = with_description(&packet(&Rights::default()), &description(&example()));
        assert_eq!(rights(&both.unwrap()), example());
        let packet = packet(&example());
        assert_eq!(
            descriptions(&packet),
            Some(description(&example()).as_str())
        );
    }

    #[test]
    fn short_forms_and_other_prefixes_are_read() {
        let xmp = br#"<?xml version="1.0"?><!-- <dc:rights>no</dc:rights> -->
            <r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d='http://purl.org/dc/elements/1.1/'>
            <r:Description d:rights="&#169; A" xmlns:q="http://ns.adobe.com/xap/1.0/rights/" q:Marked='True'>
            <d:creator>One</d:creator><q:WebStatement rdf:resource="https://a.example"/>
            <q:UsageTerms><r:Alt><r:li xml:lang="en"><![CDATA[a < b]]></r:li><r:li/></r:Alt></q:UsageTerms>
            <d:title>not a right</d:title></r:Description></r:RDF>"#;
        let rights = rights(xmp);
        assert_eq!(rights.notice(), Some("© A"));
        assert_eq!(rights.creators, ["One"]);
        assert_eq!(rights.marked.as_deref(), Some("True"));
        assert_eq!(rights.statement.as_deref(), Some("https://a.example"));
        assert_eq!(rights.terms.len(), 1);
        assert_eq!(rights.terms[0].text, "a < b");
    }

    #[test]
    fn a_packet_and_its_extension_become_one() {
        let name = "0123456789ABCDEF0123456789ABCDEF";
        let main = with_extension(&Rights::default(), name);
        let extension = packet(&example());
        let (a, b) = extension.split_at(100);
        let key: [u8; 32] = name.as_bytes().try_into().unwrap();
        let pieces = [(key, 0, a.to_vec()), (key, 100, b.to_vec())];
        let whole = extended(&main, &pieces);
        assert_eq!(rights(&whole), example());
        assert!(!String::from_utf8(whole).unwrap().contains(HAS_EXTENSION));
        assert_eq!(extended(&main, &pieces[1..]), main);
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(at in 0usize..1200, with: u8, cut in 0usize..1200) {
            let mut bytes = packet(&example());
            if let Some(byte) = bytes.get_mut(at) {
                *byte = with;
            }
            bytes.truncate(cut);
            let rights = rights(&bytes);
            prop_assert!(rights.creators.len() <= MAX_TEXTS);
            packet(&rights);
        }

        #[test]
        fn texts_survive(text in "\\PC{1,40}") {
            let text = text.trim().to_owned();
            let mut rights_of = Rights::default();
            rights_of.creators.push(text.clone());
            let read = rights(&packet(&rights_of));
            if !text.is_empty() && !text.contains(['\u{FFFE}', '\u{FFFF}']) {
                prop_assert_eq!(read.creators, vec![text]);
            }
        }
    }
}
