//! The look of a mail: plain text, and HTML that any mail program shows. Everything that goes into HTML is escaped here.

use crate::mail::words::Letter;

/// Where people can change what they are sent, and why they got this one.
pub struct Foot<'a> {
    pub public_url: &'a str,
    /// The whole address that switches this kind off; nothing for mails that cannot be switched off.
    pub unsubscribe: Option<&'a str>,
}

/// As plain text.
pub fn text(letter: &Letter, foot: &Foot<'_>) -> String {
    let mut parts = vec![letter.greeting.clone()];
    parts.extend(letter.lines.iter().cloned());
    if !letter.facts.is_empty() {
        let fact = |(name, value): &(String, String)| format!("{name}: {value}");
        parts.push(letter.facts.iter().map(fact).collect::<Vec<_>>().join("\n"));
    }
    if let Some((label, path)) = &letter.action {
        parts.push(format!("{label}:\n{}{path}", foot.public_url));
    }
    parts.push(format!("{}\n{}", letter.closing, foot.public_url));
    if let Some(unsubscribe) = foot.unsubscribe {
        parts.push(format!("--\nNo longer by mail: {unsubscribe}"));
    }
    let text = parts.join("\n\n");
    // A lone carriage return is a line end to some servers; there are none in our mails.
    text.replace('\r', " ") + "\n"
}

/// As HTML. Styles stand in attributes, because mail programs drop style sheets.
pub fn html(letter: &Letter, foot: &Foot<'_>) -> String {
    const WORDS: &str = "margin:0 0 16px";
    let mut body = format!("<p style=\"{WORDS}\">{}</p>", escape(&letter.greeting));
    for line in &letter.lines {
        body += &format!("<p style=\"{WORDS}\">{}</p>", escape(line).replace('\n', "<br>"));
    }
    if !letter.facts.is_empty() {
        body += "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" style=\"margin:0 0 16px;border-collapse:collapse\">";
        for (name, value) in &letter.facts {
            body += &format!(
                "<tr><td style=\"padding:4px 16px 4px 0;color:#5b5f66;vertical-align:top\">{}</td><td style=\"padding:4px 0;word-break:break-word\">{}</td></tr>",
                escape(name),
                escape(value)
            );
        }
        body += "</table>";
    }
    if let Some((label, path)) = &letter.action {
        let link = escape(&format!("{}{path}", foot.public_url));
        body += &format!(
            "<p style=\"margin:24px 0\"><a href=\"{link}\" style=\"display:inline-block;padding:12px 20px;border-radius:8px;background:#1f4ea8;color:#ffffff;\
             text-decoration:none;font-weight:600\">{}</a></p><p style=\"margin:0 0 16px;font-size:13px;color:#5b5f66\">Or copy this address: {link}</p>",
            escape(label)
        );
    }
    let home = escape(foot.public_url);
    let mut end = format!(
        "{}<br><a href=\"{home}\" style=\"color:#5b5f66\">{home}</a>",
        escape(&letter.closing)
    );
    if let Some(unsubscribe) = foot.unsubscribe {
        end += &format!(
            "<br><a href=\"{}\" style=\"color:#5b5f66\">No longer by mail</a>",
            escape(unsubscribe)
        );
    }
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{}</title></head>\
         <body style=\"margin:0;padding:24px;background:#f6f5f2;color:#1d2026;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif\">\
         <div style=\"max-width:560px;margin:0 auto;padding:32px;background:#ffffff;border-radius:12px\">{body}\
         <p style=\"margin:24px 0 0;padding-top:16px;border-top:1px solid #e3e1dc;font-size:13px;color:#5b5f66\">{end}</p></div></body></html>\n",
        escape(&letter.subject)
    )
}

/// Text as HTML content and as the value of an attribute in double quotes.
pub fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && c != '\n' && c != '\t' => out.push(' '),
            c => out.push(c),
        }
        out
    })
}

/// One line without control characters, for headers: what somebody typed cannot begin a header of its own.
pub fn line(text: &str, most: usize) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(most)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::words::Message;

    const EVIL: &str = "<img src=x onerror=alert(1)>\"'&\r\nBcc: all@evil.example";

    #[test]
    fn hostile_names_stay_text() {
        let message = Message::GradePublished {
            course: EVIL.into(),
            assignment: EVIL.into(),
            result: "/submissions/1/result".into(),
        };
        let letter = message.letter(EVIL, EVIL);
        let foot = Foot {
            public_url: "https://grader.example",
            unsubscribe: Some("https://grader.example/unsubscribe?key=1&x=\"2"),
        };
        let html = html(&letter, &foot);
        assert!(!html.contains("<img") && !html.contains("\"'&"), "{html}");
        assert!(
            html.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"),
            "{html}"
        );
        assert!(html.contains("href=\"https://grader.example/submissions/1/result\""));
        let text = text(&letter, &foot);
        assert!(!text.contains('\r') && text.contains("/submissions/1/result"));
        let subject = line(&letter.subject, 300);
        assert!(!subject.contains(['\r', '\n']), "{subject:?}");
    }

    #[test]
    fn the_same_in_text_and_html() {
        let letter = Message::ResetPassword {
            token: "abc123".into(),
            minutes: 60,
        }
        .letter("Ada", "School of Examples");
        let foot = Foot {
            public_url: "https://grader.example",
            unsubscribe: None,
        };
        for face in [text(&letter, &foot), html(&letter, &foot)] {
            for part in [
                "Hello Ada,",
                "60 minutes",
                "https://grader.example/reset-password?token=abc123",
                "School of Examples",
            ] {
                assert!(face.contains(part), "{part} is missing in {face}");
            }
            assert!(!face.contains("No longer by mail"));
        }
    }
}
