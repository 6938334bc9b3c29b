//! The report for people: one file without anything from elsewhere and without a script, to be read on a screen or printed and signed.

use super::document::{Chapter, Line, Report, Status};
use super::evidence::Evidence;
use super::measures::{Measures, State};
use crate::verify::Verdict;
use std::fmt::Write as _;

const TOKENS: &str = include_str!("../../../style/tokens.css");
const STYLE: &str = include_str!("report.css");

/// The page, with room for the signature. `fingerprint` is that of the JSON file it belongs to.
pub fn page(report: &Report, fingerprint: &str) -> String {
    let mut out = String::with_capacity(128 * 1024);
    // Writing into a String does not fail.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"signer\" content=\"{}\">\n<title>Launch report, {}</title>\n<style>\n{TOKENS}\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        escape(&report.signer),
        escape(&report.created_at),
    );
    head(&mut out, report);
    out.push_str("<nav aria-label=\"Contents\"><ul>\n");
    for chapter in &report.chapters {
        let _ = writeln!(
            out,
            "<li><a href=\"#s{0}\">§{0} {1}</a></li>",
            chapter.number,
            escape(&chapter.title)
        );
    }
    out.push_str(
        "<li><a href=\"#measures\">How it goes on</a></li><li><a href=\"#signatures\">Signatures</a></li></ul></nav>\n",
    );
    for one in &report.chapters {
        chapter(&mut out, one);
    }
    more(&mut out, &report.more);
    measures(&mut out, &report.measures);
    signatures(&mut out, report);
    foot(&mut out, report, fingerprint);
    out.push_str("</main>\n</body>\n</html>\n<!-- signature:  -->\n");
    out
}

fn head(out: &mut String, report: &Report) {
    let _ = write!(
        out,
        "<header>\n<p class=\"brand\">Auto-Grader</p>\n<h1>Launch report</h1>\n<p class=\"lead\">{}</p>\n<dl class=\"facts\">\n\
         <div><dt>Made</dt><dd>{}</dd></div>\n<div><dt>Version</dt><dd>{}</dd></div>\n<div><dt>Address</dt><dd>{}</dd></div>\n\
         <div><dt>Names</dt><dd>{}</dd></div>\n</dl>\n<ul class=\"counts\">\n",
        escape(&report.institution),
        escape(&report.created_at),
        escape(&report.version),
        escape(&report.address),
        escape(&dash(&report.names.join(", "))),
    );
    for status in Status::ALL {
        let _ = writeln!(
            out,
            "<li class=\"{}\"><b>{}</b> {}</li>",
            tone(status),
            report.count(status),
            status.words()
        );
    }
    out.push_str("</ul>\n</header>\n");
}

fn chapter(out: &mut String, chapter: &Chapter) {
    let _ = write!(
        out,
        "<section id=\"s{0}\">\n<h2>§{0} {1}</h2>\n<table>\n<thead><tr><th>No.</th><th>What must be there</th><th>State</th>\
         <th>Evidence</th></tr></thead>\n<tbody>\n",
        chapter.number,
        escape(&chapter.title)
    );
    for line in &chapter.items {
        item(out, line);
    }
    out.push_str("</tbody>\n</table>\n</section>\n");
}

fn item(out: &mut String, line: &Line) {
    let _ = write!(
        out,
        "<tr id=\"i{0}\"><th scope=\"row\">{0}</th><td><b>{1}</b><br>{2}</td><td><span class=\"badge {3}\">{4}</span></td><td>",
        escape(&line.number),
        escape(&line.part),
        escape(&line.must),
        tone(line.status),
        line.status.words(),
    );
    evidence(out, &line.evidence);
    if !line.to_sign.is_empty() && line.status != Status::NotHere {
        let _ = write!(
            out,
            "<p class=\"who\">{} signs:</p><ul class=\"to-sign\">",
            escape(&line.who)
        );
        for words in &line.to_sign {
            let _ = write!(out, "<li>{}</li>", escape(words));
        }
        out.push_str("</ul>");
    }
    out.push_str("</td></tr>\n");
}

fn evidence(out: &mut String, list: &[Evidence]) {
    if list.is_empty() {
        return;
    }
    out.push_str("<ul class=\"evidence\">");
    for one in list {
        let (class, mark) = match one.verdict {
            Verdict::Passed => ("right", "passed"),
            Verdict::Failed => ("wrong", "failed"),
            Verdict::NotHere => ("quiet", "not here"),
        };
        let source = match one.source.as_str() {
            "" => String::new(),
            file => format!(", from {}", escape(file)),
        };
        let _ = write!(
            out,
            "<li><span class=\"{class}\">{mark}</span> <code>{}</code> {} <small>{}, {} ms{source}</small></li>",
            escape(&one.id),
            escape(&one.evidence),
            escape(&dash(&one.at)),
            one.milliseconds,
        );
    }
    out.push_str("</ul>");
}

fn more(out: &mut String, list: &[Evidence]) {
    if list.is_empty() {
        return;
    }
    out.push_str("<section>\n<h2>Further evidence</h2>\n<p>What was found besides the numbered items. A failure here counts, too.</p>\n");
    evidence(out, list);
    out.push_str("\n</section>\n");
}

fn measures(out: &mut String, measures: &Measures) {
    let launched = match measures.launched_at.as_str() {
        "" => "The time of the launch was not given (<code>--launched-at</code>), so everything until now is counted."
            .to_owned(),
        at => format!("Counted from the launch at {}.", escape(at)),
    };
    let _ = write!(
        out,
        "<section id=\"measures\">\n<h2>How it goes on</h2>\n<p>{launched}</p>\n<table class=\"measures\">\n<thead><tr><th>Measure</th>"
    );
    for column in &measures.columns {
        let state = match column.state {
            State::Over => "",
            State::SoFar => "<br><small>so far</small>",
            State::NotYet => "<br><small>not yet</small>",
        };
        let _ = write!(out, "<th class=\"num\">{}{state}</th>", escape(&column.name));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    let mut group = "";
    for row in &measures.rows {
        if row.group != group {
            group = &row.group;
            let span = measures.columns.len() + 1;
            let _ = writeln!(
                out,
                "<tr class=\"group\"><th colspan=\"{span}\">{}</th></tr>",
                escape(group)
            );
        }
        let by = match row.by.as_str() {
            "" => String::new(),
            who => format!(" <small>to be filled in by a person: {}</small>", escape(who)),
        };
        let _ = write!(out, "<tr><td>{}{by}</td>", escape(&row.name));
        for value in &row.values {
            let class = if row.by.is_empty() { "num" } else { "num blank" };
            let _ = write!(out, "<td class=\"{class}\">{}</td>", escape(value));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</section>\n");
}

fn signatures(out: &mut String, report: &Report) {
    out.push_str(
        "<section id=\"signatures\">\n<h2>Signatures</h2>\n<p>Each name stands for: I have seen it, and it is as it must be.</p>\n\
         <table class=\"signatures\">\n<thead><tr><th>No.</th><th>Part</th><th>Who</th><th>Name, date, signature</th></tr></thead>\n<tbody>\n",
    );
    for line in report.lines().filter(|line| line.status == Status::ToBeSigned) {
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\"><a href=\"#i{0}\">{0}</a></th><td>{1}</td><td>{2}</td><td class=\"blank\"></td></tr>",
            escape(&line.number),
            escape(&line.part),
            escape(&line.who)
        );
    }
    out.push_str("<tr><th scope=\"row\">Go</th><td>The launch goes ahead</td><td>Launch lead</td><td class=\"blank\"></td></tr>\n</tbody>\n</table>\n</section>\n");
}

fn foot(out: &mut String, report: &Report, fingerprint: &str) {
    out.push_str("<footer>\n<h2>Where this comes from</h2>\n");
    if !report.sources.is_empty() {
        out.push_str("<ul>");
        for source in &report.sources {
            let _ = write!(
                out,
                "<li>{}: {} findings, SHA-256 <code>{}</code></li>",
                escape(&source.file),
                source.findings,
                escape(&source.sha256)
            );
        }
        out.push_str("</ul>\n");
    }
    let _ = writeln!(
        out,
        "<p>Signed with ed25519 by the key <code>{}</code>. The same report for machines is launch-report.json, SHA-256 <code>{}</code>. \
         <code>auto-grader launch verify FILE --key {}</code> checks either file without a network.</p>\n</footer>",
        escape(&report.signer),
        escape(fingerprint),
        escape(&report.signer)
    );
}

fn tone(status: Status) -> &'static str {
    match status {
        Status::Passed => "right",
        Status::Failed => "wrong",
        Status::NotHere => "quiet",
        Status::ToBeSigned => "review",
    }
}

fn dash(text: &str) -> String {
    if text.is_empty() {
        "–".to_owned()
    } else {
        text.to_owned()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::{finding, report};
    use super::*;
    use crate::report::seal;
    use app::platform::signer::Signer;

    #[test]
    fn what_was_found_cannot_break_out_of_the_page() {
        let evil = "\"><script>alert('x')</script><!-- signature: x -->";
        let mut report = report(vec![finding("launch.grader", Verdict::Failed, evil)]);
        report.institution = evil.into();
        let signer = Signer::from_seed([1; 32]);
        report.signer = signer.public_key();
        let html = page(&report, "00");
        assert!(!html.contains("<script"), "no script at all");
        assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)"));
        let sealed = seal::seal(&html, &signer).expect("sealed");
        assert_eq!(seal::check(&sealed, None).expect("whole"), signer.public_key());
        assert!(seal::check(&sealed.replacen(">2</b> failed", ">0</b> failed", 1), None).is_err());
    }

    #[test]
    fn every_item_and_its_state_is_on_the_page_and_nothing_is_fetched() {
        let html = page(
            &report(vec![finding("launch.health", Verdict::Passed, "/health answers")]),
            "00",
        );
        for item in super::super::items::ITEMS {
            let row = format!("<tr id=\"i{}\">", item.number);
            assert_eq!(html.matches(&row).count(), 1, "{}", item.number);
        }
        assert!(html.contains("to be signed") && html.contains("Operations signs:"));
        for outside in ["http://", "src=", "url(", "@import"] {
            assert!(!html.contains(outside), "{outside}");
        }
    }
}
