//! Cuts comma-, semicolon- or tab-separated text into rows, each knowing its line.

use super::Problem;

/// One row and the line it begins on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub line: u32,
    pub fields: Vec<String>,
}

/// The rows of `text` without blank ones. Quotes as in RFC 4180; the separator is the one the first line uses most.
pub fn read(text: &str) -> Result<Vec<Row>, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        rest: text.chars().peekable(),
        line: 1,
        separator: separator(text),
    };
    let mut rows = Vec::new();
    while reader.rest.peek().is_some() {
        let row = reader.row()?;
        if row.fields.iter().any(|field| !field.trim().is_empty()) {
            rows.push(row);
        }
    }
    Ok(rows)
}

fn separator(text: &str) -> char {
    let head = text.trim_start().lines().next().unwrap_or_default();
    let uses = |c: char| head.chars().filter(|&other| other == c).count();
    // The last of equals wins in max_by_key, so the comma comes last.
    ['\t', ';', ','].into_iter().max_by_key(|&c| uses(c)).unwrap_or(',')
}

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    line: u32,
    separator: char,
}

/// What stands after a field.
enum End {
    Field,
    Row,
}

impl Reader<'_> {
    fn row(&mut self) -> Result<Row, Problem> {
        let line = self.line;
        let mut fields = Vec::new();
        loop {
            let (field, end) = if self.rest.peek() == Some(&'"') {
                self.quoted()?
            } else {
                self.plain()
            };
            fields.push(field);
            if let End::Row = end {
                return Ok(Row { line, fields });
            }
        }
    }

    fn plain(&mut self) -> (String, End) {
        let mut field = String::new();
        loop {
            if let Some(end) = self.end() {
                return (field, end);
            }
            field.extend(self.rest.next());
        }
    }

    fn quoted(&mut self) -> Result<(String, End), Problem> {
        let opened = self.line;
        let mut field = String::new();
        self.rest.next();
        loop {
            match self.rest.next() {
                None => return Err(problem(opened, "A quotation mark opened here is never closed.")),
                Some('"') if self.rest.peek() == Some(&'"') => field.extend(self.rest.next()),
                Some('"') => break,
                Some('\r') if self.rest.peek() == Some(&'\n') => {}
                Some('\r' | '\n') => {
                    self.line += 1;
                    field.push('\n');
                }
                Some(other) => field.push(other),
            }
        }
        while self.rest.next_if(|&c| c == ' ').is_some() {}
        match self.end() {
            Some(end) => Ok((field, end)),
            None => Err(problem(
                self.line,
                "There is text after a closing quotation mark. Double the quotation marks inside a value.",
            )),
        }
    }

    /// Steps over a separator or line break, if one stands here.
    fn end(&mut self) -> Option<End> {
        let separator = self.separator;
        match self.rest.peek() {
            None => Some(End::Row),
            Some(&c) if c == separator => {
                self.rest.next();
                Some(End::Field)
            }
            Some('\r' | '\n') => {
                let first = self.rest.next();
                if first == Some('\r') {
                    self.rest.next_if_eq(&'\n');
                }
                self.line += 1;
                Some(End::Row)
            }
            Some(_) => None,
        }
    }
}

fn problem(line: u32, message: &str) -> Problem {
    Problem {
        line,
        column: String::new(),
        message: message.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(text: &str) -> Vec<Vec<String>> {
        read(text)
            .expect("is a table")
            .into_iter()
            .map(|row| row.fields)
            .collect()
    }

    #[test]
    fn reads_what_spreadsheets_write() {
        assert_eq!(fields("a,b\r\n1,2\r\n"), [["a", "b"], ["1", "2"]]);
        assert_eq!(
            fields("\u{feff}a;b\n1;\"x;\"\"y\"\"\"\n"),
            [["a", "b"], ["1", "x;\"y\""]]
        );
        assert_eq!(fields("a\tb\r1\t2, 3"), [["a", "b"], ["1", "2, 3"]]);
        assert_eq!(fields("a,b\n\n , \n1,"), [vec!["a", "b"], vec!["1", ""]]);
        assert!(fields("").is_empty());
    }

    #[test]
    fn lines_are_those_of_an_editor() {
        let rows = read("a,b\n\n\"two\nlines\",x\n1,2").expect("is a table");
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 3, 5]);
    }

    #[test]
    fn broken_quotes_are_told_with_their_line() {
        assert_eq!(read("a,b\n1,\"open\nand more").expect_err("is broken").line, 2);
        assert_eq!(read("a,b\n1,2\n3,\"x\"y").expect_err("is broken").line, 3);
    }

    fn value() -> impl Strategy<Value = String> {
        prop_oneof!["[a-z@. ]{0,8}", "[\"',;\t\n x]{0,6}", "\\PC{0,6}"]
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back(rows in proptest::collection::vec(proptest::collection::vec(value(), 3), 1..6)) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            // A head of plain names decides on the comma, whatever the values hold.
            let mut text = String::from("one,two,three\n");
            for row in &rows {
                text.push_str(&row.iter().map(quoted).collect::<Vec<_>>().join(","));
                text.push('\n');
            }
            let expected: Vec<_> = rows.into_iter().filter(|row| row.iter().any(|field| !field.trim().is_empty())).collect();
            prop_assert_eq!(&fields(&text)[1..], &expected[..]);
        }

        #[test]
        fn any_text_is_read_or_refused_at_one_of_its_lines(text in "[a-c\",;\t\r\n ]{0,60}") {
            let lines = text.replace("\r\n", "\n").split(['\r', '\n']).count() as u32;
            match read(&text) {
                Ok(rows) => prop_assert!(rows.iter().all(|row| (1..=lines).contains(&row.line))),
                Err(problem) => prop_assert!((1..=lines).contains(&problem.line)),
            }
        }
    }
}
