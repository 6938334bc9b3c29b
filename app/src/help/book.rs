//! The pages, and Markdown to HTML.

use super::model::{Entry, Part, Topic};
use crate::error::{AppError, AppResult};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

struct Page {
    name: &'static str,
    title: &'static str,
    lead: &'static str,
    text: &'static str,
}

macro_rules! page {
    ($name:literal, $title:literal, $lead:literal) => {
        Page {
            name: $name,
            title: $title,
            lead: $lead,
            text: include_str!(concat!("../../../docs/", $name, ".md")),
        }
    };
}

/// The parts and their pages, in reading order.
const PARTS: &[(&str, &[Page])] = &[
    (
        "Using it",
        &[
            page!("student", "For students", "Answering, handing in, receipts, results."),
            page!(
                "teacher",
                "For teachers",
                "Questions, grading a class, reviewing, publishing."
            ),
            page!(
                "administrator",
                "For administrators",
                "People, settings, health, models, the audit log."
            ),
            page!(
                "training",
                "Getting started together",
                "Introductions for teachers, administrators and support."
            ),
            page!("api", "For programs", "The REST API: tokens, paging, errors."),
            page!(
                "grading",
                "Grading from the command line",
                "The model on its own: files in, files out, and their formats."
            ),
        ],
    ),
    (
        "Running it",
        &[
            page!(
                "deployment",
                "Deployment",
                "One process, packages or containers; database, files, mail, upgrades, every setting."
            ),
            page!(
                "launch",
                "Launch",
                "The plan of going live: timeline, messages, escalation, the signed report."
            ),
            page!(
                "monitoring",
                "Monitoring",
                "Numbers, dashboards, alerts and what to do, logs."
            ),
            page!(
                "emergency",
                "Emergency",
                "When a part is gone: promote, restore, return to the version before."
            ),
            page!(
                "troubleshooting",
                "Troubleshooting",
                "What people see, why, and what to do."
            ),
        ],
    ),
];

/// The table of contents.
pub fn contents() -> Vec<Part> {
    PARTS
        .iter()
        .map(|(title, pages)| Part {
            title: (*title).into(),
            entries: pages.iter().map(entry).collect(),
        })
        .collect()
}

/// The page with this name.
pub fn topic(name: &str) -> AppResult<Topic> {
    let (part, page) = PARTS
        .iter()
        .find_map(|(_, pages)| Some((pages, pages.iter().find(|page| page.name == name)?)))
        .ok_or_else(|| AppError::not_found("This page"))?;
    Ok(Topic {
        title: page.title.into(),
        html: render(page.text),
        siblings: part.iter().filter(|other| other.name != name).map(entry).collect(),
    })
}

fn entry(page: &Page) -> Entry {
    Entry {
        name: page.name.into(),
        title: page.title.into(),
        lead: page.lead.into(),
    }
}

fn render(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut events: Vec<Event> = Parser::new_ext(markdown, options).map(addressed).collect();
    name_headings(&mut events);
    let mut out = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut out, events.into_iter());
    // A wide table scrolls by itself instead of pushing the page aside.
    out.replace("<table>", "<div class=\"table-scroll\" tabindex=\"0\"><table>")
        .replace("</table>", "</table></div>")
}

/// Links between the files become links between the pages; pictures come from where the site keeps them.
fn addressed(event: Event) -> Event {
    match event {
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Link {
            link_type,
            dest_url: page_address(dest_url),
            title,
            id,
        }),
        Event::Start(Tag::Image {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Image {
            link_type,
            dest_url: format!("/{dest_url}").into(),
            title,
            id,
        }),
        other => other,
    }
}

fn page_address(link: CowStr) -> CowStr {
    if link.contains("://") {
        return link;
    }
    match link.split_once(".md") {
        Some((name, rest)) if !name.contains('/') => format!("/help/{name}{rest}").into(),
        _ => link,
    }
}

/// Every heading gets an address, made of its words.
fn name_headings(events: &mut [Event]) {
    let mut start = None;
    for at in 0..events.len() {
        match &events[at] {
            Event::Start(Tag::Heading { id: None, .. }) => start = Some(at),
            Event::End(TagEnd::Heading(_)) => {
                let Some(begun) = start.take() else { continue };
                let words: String = events[begun..at]
                    .iter()
                    .filter_map(|event| match event {
                        Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
                        _ => None,
                    })
                    .collect();
                if let Event::Start(Tag::Heading { id, .. }) = &mut events[begun] {
                    *id = Some(slug(&words).into());
                }
            }
            _ => {}
        }
    }
}

fn slug(words: &str) -> String {
    let parts: Vec<String> = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(str::to_lowercase)
        .collect();
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_renders_and_links_only_to_pages_that_exist() {
        for (_, pages) in PARTS {
            for page in *pages {
                let topic = topic(page.name).expect("a page of the book");
                assert!(topic.html.contains("<h1 id="), "{} has no title", page.name);
                for link in topic.html.split("href=\"/help/").skip(1) {
                    let name = link.split(['"', '#']).next().unwrap_or_default();
                    assert!(super::topic(name).is_ok(), "{} links to {name}", page.name);
                }
            }
        }
    }

    #[test]
    fn a_page_that_does_not_exist_is_said_to_be_missing() {
        assert!(topic("../Cargo").is_err());
        assert!(topic("").is_err());
    }

    #[test]
    fn markup_and_addresses() {
        let html =
            render("# A `b` c\n\nSee [x](student.md#late) and [y](https://example.org/a.md).\n\n| a |\n|---|\n| 1 |\n");
        assert!(html.contains("<h1 id=\"a-b-c\">"));
        assert!(html.contains("href=\"/help/student#late\""));
        assert!(html.contains("href=\"https://example.org/a.md\""));
        assert!(html.contains("<div class=\"table-scroll\" tabindex=\"0\"><table"));
    }
}
