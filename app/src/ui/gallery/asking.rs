//! Fields.

use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn Asking() -> impl IntoView {
    let written = RwSignal::new(String::from("Osmosis is the movement of water through a membrane."));
    let kind = RwSignal::new(String::from("essay"));
    let letters = move || [&written.with(|text| text.chars().count()).to_string(), " characters"].concat();
    let options = vec![
        Choice::new("short", "Short answer").hint("One or two sentences."),
        Choice::new("essay", "Essay").hint("Graded along a rubric."),
        Choice::new("code", "Code with tests")
            .hint("Not switched on in this course.")
            .disabled(true),
    ];
    let errors = vec![
        FieldError::new("email", "Enter an e-mail address, such as name@example.org."),
        FieldError::new("points", "Points must be between 0 and 100."),
    ];
    view! {
        <Panel title="Fields" id="fields">
            <form class="stack" method="get" action="#fields">
                <ErrorSummary errors=errors/>
                <div class="fields">
                    <TextField name="title" label="Title" required=true hint="Students see this." value="Assignment 2"/>
                    <TextField name="email" label="E-mail" kind=InputKind::Email autocomplete="off" value="ada at example" error="Enter an e-mail address, such as name@example.org."/>
                    <TextField name="points" label="Points" kind=InputKind::Number value="140" min="0" max="100" suffix="points" error="Points must be between 0 and 100."/>
                    <TextField name="due" label="Due" kind=InputKind::DateTime hint="Europe/Berlin" value="2026-12-01T23:59"/>
                    <TextField name="secret" label="Password" kind=InputKind::Password autocomplete="new-password" hint="At least 12 characters."/>
                    <TextField name="join" label="Join code" kind=InputKind::Code value="K7QM-42XD"/>
                    <Select name="role" label="Role" options=vec![Choice::new("student", "Student"), Choice::new("assistant", "Assistant"), Choice::new("teacher", "Teacher")] value="assistant"/>
                    <TextField name="fixed" label="Course" value="Biology 101" disabled=true/>
                </div>
                <TextArea
                    name="answer"
                    label="Your answer"
                    serif=true
                    hint="Saved as you type."
                    value=written
                    on_input=move |text: String| written.set(text)
                />
                <p class="muted small">{letters}</p>
                <div class="grid-2">
                    <RadioGroup name="kind" legend="Kind of question" options=options value=kind on_change=move |value: String| kind.set(value)/>
                    <CheckboxGroup
                        name="scopes"
                        legend="What this token may do"
                        options=vec![Choice::new("read", "Read courses"), Choice::new("grade", "Write grades")]
                        values=vec!["read".to_owned()]
                        error="Choose at least one that writes."
                    />
                </div>
                <Checkbox name="anonymous" label="Grade without names" checked=true hint="Names appear once grades are published."/>
                <Fieldset legend="Files" hint="What students hand in.">
                    <FileDrop name="file" label="Drop a file here" hint="PDF, DOCX or plain text, up to 50 MB." accept=".pdf,.docx,.txt"/>
                </Fieldset>
                <FormActions>
                    <Button variant=Variant::Primary>"Save assignment"</Button>
                    <Button variant=Variant::Quiet kind=ButtonKind::Reset>"Reset"</Button>
                </FormActions>
            </form>
        </Panel>
    }
}
