//! Reads people from a table: which column means what, and what is wrong where.

use super::table::{self, Row};
use super::{MOST_BYTES, MOST_ROWS, Problem};
use crate::account;
use crate::course::form;
use crate::course::model::Role;
use std::collections::HashMap;

/// One person of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    pub line: u32,
    pub email: String,
    pub name: String,
    pub role: Role,
}

/// Everyone in the table, and everything wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    pub people: Vec<Newcomer>,
    pub problems: Vec<Problem>,
    pub ignored: Vec<String>,
    /// The address column as the table calls it.
    pub email_column: String,
}

/// Reads `text`, which must be meant for the course called `code`.
pub fn read(text: &str, code: &str) -> Reading {
    let mut reading = Reading::default();
    match rows(text) {
        Ok((head, rows)) => match Columns::find(&head, &mut reading) {
            Some(columns) => columns.read(rows, code, &mut reading),
            None => debug_assert!(!reading.problems.is_empty()),
        },
        Err(problem) => reading.problems.push(problem),
    }
    reading
}

fn rows(text: &str) -> Result<(Row, Vec<Row>), Problem> {
    let whole = |line, message: String| Problem {
        line,
        column: String::new(),
        message,
    };
    if text.len() > MOST_BYTES {
        return Err(whole(1, "The table is larger than 1 MB. Send it in parts.".into()));
    }
    if text.contains('\0') {
        return Err(whole(
            1,
            "This is not a text table. Export it as CSV (UTF-8) and try again.".into(),
        ));
    }
    let mut rows = table::read(text)?.into_iter();
    let head = rows.next().ok_or_else(|| {
        whole(
            1,
            "The table is empty. The first line names the columns: email,name".into(),
        )
    })?;
    let rows: Vec<Row> = rows.collect();
    match rows.get(MOST_ROWS) {
        Some(first_too_many) => Err(whole(
            first_too_many.line,
            format!(
                "A table may hold {MOST_ROWS} people; this one has {}. Send it in parts.",
                rows.len()
            ),
        )),
        None if rows.is_empty() => Err(whole(
            head.line,
            "There is nobody below the line with the column names.".into(),
        )),
        None => Ok((head, rows)),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Field {
    Email,
    Name,
    First,
    Last,
    Role,
    Code,
}

impl Field {
    fn named(title: &str) -> Option<Field> {
        let plain: String = title
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        Some(match plain.as_str() {
            "email" | "emailaddress" | "mail" => Field::Email,
            "name" | "fullname" => Field::Name,
            "firstname" | "givenname" => Field::First,
            "lastname" | "surname" | "familyname" => Field::Last,
            "role" => Field::Role,
            "coursecode" | "course" => Field::Code,
            _ => return None,
        })
    }
}

/// Where each field stands, and how the table calls it.
struct Columns {
    width: usize,
    places: HashMap<Field, (usize, String)>,
}

impl Columns {
    fn find(head: &Row, reading: &mut Reading) -> Option<Columns> {
        let mut places = HashMap::new();
        let mut problem = |column: &str, message: String| {
            reading.problems.push(Problem {
                line: head.line,
                column: column.into(),
                message,
            })
        };
        for (place, title) in head.fields.iter().enumerate() {
            let title = title.trim();
            match Field::named(title) {
                Some(field) => {
                    if let Some((_, other)) = places.insert(field, (place, title.to_owned())) {
                        problem(
                            title,
                            format!("“{title}” and “{other}” mean the same. Keep one of the two columns."),
                        );
                    }
                }
                None if title.is_empty() => {}
                None => reading.ignored.push(title.to_owned()),
            }
        }
        let named = [Field::Name, Field::First, Field::Last]
            .iter()
            .any(|field| places.contains_key(field));
        if !places.contains_key(&Field::Email) {
            problem("", "No column is called “email”. The first line must name the columns, for example: email,firstName,lastName,role,courseCode".into());
        } else if !named {
            problem(
                "",
                "No column holds names. Add “name”, or “firstName” and “lastName”.".into(),
            );
        }
        reading.email_column = places
            .get(&Field::Email)
            .map(|(_, title)| title.clone())
            .unwrap_or_default();
        reading.problems.is_empty().then_some(Columns {
            width: head.fields.len(),
            places,
        })
    }

    fn read(&self, rows: Vec<Row>, code: &str, reading: &mut Reading) {
        let mut seen: HashMap<String, u32> = HashMap::new();
        for row in rows {
            match self.person(&row, code, &seen) {
                Ok(person) => {
                    seen.insert(person.email.clone(), row.line);
                    reading.people.push(person);
                }
                Err(problems) => reading.problems.extend(problems),
            }
        }
    }

    fn person(&self, row: &Row, code: &str, seen: &HashMap<String, u32>) -> Result<Newcomer, Vec<Problem>> {
        if row.fields.len() > self.width {
            let message = format!(
                "This line has {} values, but only {} columns are named. Put values with commas in quotation marks.",
                row.fields.len(),
                self.width
            );
            return Err(vec![Problem {
                line: row.line,
                column: String::new(),
                message,
            }]);
        }
        let mut problems = Vec::new();
        let mut problem = |field: Field, message: String| {
            problems.push(Problem {
                line: row.line,
                column: self.title(field),
                message,
            })
        };

        let email = account::model::email(self.value(row, Field::Email)).unwrap_or_else(|message| {
            problem(Field::Email, message.into());
            String::new()
        });
        if let Some(line) = seen.get(&email) {
            problem(Field::Email, format!("{email} stands on line {line} already."));
        }
        let parts = [Field::Name, Field::First, Field::Last].map(|field| self.value(row, field));
        let mut wrong = Vec::new();
        let name = form::line("", &parts.join(" "), 200, "Enter a name.", &mut wrong);
        for error in wrong {
            let field = [Field::Name, Field::First, Field::Last]
                .into_iter()
                .find(|field| self.places.contains_key(field));
            problem(field.unwrap_or(Field::Name), error.message);
        }
        let role = match self.value(row, Field::Role) {
            "" => Role::Student,
            text => text.parse().unwrap_or_else(|_| {
                problem(
                    Field::Role,
                    format!("“{text}” is no role. Write student, assistant or teacher."),
                );
                Role::Student
            }),
        };
        let meant = self.value(row, Field::Code);
        if !meant.is_empty() && meant.to_lowercase() != code.to_lowercase() {
            problem(
                Field::Code,
                format!("This line is for {meant}, but the list is being added to {code}."),
            );
        }
        if problems.is_empty() {
            Ok(Newcomer {
                line: row.line,
                email,
                name,
                role,
            })
        } else {
            Err(problems)
        }
    }

    fn value<'a>(&self, row: &'a Row, field: Field) -> &'a str {
        self.places
            .get(&field)
            .and_then(|(place, _)| row.fields.get(*place))
            .map_or("", |text| text.trim())
    }

    fn title(&self, field: Field) -> String {
        self.places
            .get(&field)
            .map(|(_, title)| title.clone())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> Vec<(u32, String)> {
        read(text, "BIO101")
            .problems
            .into_iter()
            .map(|problem| (problem.line, problem.column))
            .collect()
    }

    #[test]
    fn reads_both_forms_of_the_table() {
        let long = read(
            "email,firstName,lastName,role,courseCode\nAda@x.example,Ada,Lovelace,Assistant,bio101\n",
            "BIO101",
        );
        let expected = Newcomer {
            line: 2,
            email: "ada@x.example".into(),
            name: "Ada Lovelace".into(),
            role: Role::Assistant,
        };
        assert_eq!((long.people, long.problems), (vec![expected], vec![]));

        let short = read("Name;E-Mail;Seat\nGrace Hopper;grace@x.example;12\n", "BIO101");
        assert_eq!(short.people[0].name, "Grace Hopper");
        assert_eq!(short.people[0].role, Role::Student);
        assert_eq!(short.ignored, ["Seat"]);
    }

    #[test]
    fn every_mistake_is_told_with_line_and_column() {
        let text = "email,firstName,lastName,role,courseCode\n\
            ok@x.example,O,K,student,BIO101\n\
            nonsense,A,B,student,BIO101\n\
            OK@x.example,O,K,student,BIO101\n\
            c@x.example,,,wizard,CHE201\n\
            d@x.example,D,D,student,BIO101,extra\n";
        let expected = [
            (3, "email"),
            (4, "email"),
            (5, "firstName"),
            (5, "role"),
            (5, "courseCode"),
            (6, ""),
        ];
        assert_eq!(told(text), expected.map(|(line, column)| (line, column.to_owned())));
    }

    #[test]
    fn a_table_without_its_columns_is_refused_at_the_head() {
        assert_eq!(told("ada@x.example,Ada\n"), [(1, String::new())]);
        assert_eq!(told("email\nada@x.example\n"), [(1, String::new())]);
        assert_eq!(
            told("email,mail,name\na@x.example,b@x.example,A\n"),
            [(1, "mail".to_owned())]
        );
        assert_eq!(told(""), [(1, String::new())]);
        assert_eq!(told("email,name\n"), [(1, String::new())]);
    }

    #[test]
    fn a_table_may_not_be_endless() {
        let mut text = String::from("email,name\n");
        for number in 0..=MOST_ROWS {
            text.push_str(&format!("s{number}@x.example,S\n"));
        }
        assert_eq!(told(&text), [(MOST_ROWS as u32 + 2, String::new())]);
    }

    proptest! {
        #[test]
        fn each_row_becomes_a_person_or_a_problem(rows in proptest::collection::vec(("[a-z]{0,3}(@[a-z.]{0,4})?", "[A-Za-z ]{0,5}", "(student|TEACHER|x|)"), 1..20)) {
            let mut text = String::from("email,name,role\n");
            for (email, name, role) in &rows {
                text.push_str(&format!("{email},{name},{role}\n"));
            }
            let reading = read(&text, "BIO101");
            for (place, (email, name, role)) in rows.iter().enumerate() {
                let line = place as u32 + 2;
                let taken = reading.people.iter().any(|person| person.line == line);
                let refused = reading.problems.iter().any(|problem| problem.line == line);
                let blank = email.is_empty() && name.trim().is_empty() && role.is_empty();
                let nobody = reading.problems.iter().any(|problem| problem.line == 1);
                prop_assert!(nobody || blank || taken != refused);
            }
            let mut emails: Vec<_> = reading.people.iter().map(|person| &person.email).collect();
            emails.sort();
            emails.dedup();
            prop_assert_eq!(emails.len(), reading.people.len());
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,80}") {
            let _ = read(&text, "BIO101");
        }
    }
}
