//! The parts of a call: what is new, what is to be changed, which due, which place.

use chrono::{Datelike as _, Days, TimeDelta};
use proto::google::r#type::{Date, TimeOfDay};
use proto::tasks::v1 as pb;
use proto::tasks::v1::{move_list_request, move_task_request};

use super::super::history::{
    self, Chosen, Edit, Fields, Load, Masked, NEVER, New, Occurrence, Parent, Place, Target,
};
use super::super::import::Import;
use super::Names;

impl Names<'_> {
    pub(super) fn chosen(&self, chosen: &Chosen) -> String {
        match chosen {
            Chosen::ByServer => String::new(),
            Chosen::Fresh(id) => id.to_string(),
            Chosen::Used(pick) => Some(self.task(pick))
                .filter(|id| *id != NEVER.to_string())
                .unwrap_or_default(),
        }
    }

    pub(super) fn create_many(&self, many: &[New]) -> Vec<pb::CreateTaskRequest> {
        let mut requests: Vec<pb::CreateTaskRequest> = Vec::new();
        for new in many {
            let previous = requests.last().map_or("", |request| &request.task_id);
            requests.push(self.create(new, previous));
        }
        requests
    }

    pub(super) fn create(&self, new: &New, previous: &str) -> pb::CreateTaskRequest {
        let parent_id = match &new.parent {
            Parent::None => String::new(),
            Parent::Some(pick) => self.task(pick),
            Parent::Previous => previous.to_owned(),
        };
        let task = pb::Task {
            list_id: new.list.as_ref().map(|pick| self.list(pick)).unwrap_or_default(),
            parent_id,
            ..self.fields(&new.fields)
        };
        pb::CreateTaskRequest {
            task: Some(task),
            task_id: self.chosen(&new.chosen),
            request_id: String::new(),
        }
    }

    pub(super) fn import(&self, load: &Load, request_id: String) -> Import {
        let list = load.list.as_ref().map(|(id, title)| pb::List {
            id: id.clone(),
            ..self.list_titled(*title)
        });
        let mut rows = Vec::new();
        let mut previous = String::new();
        for (new, state) in &load.rows {
            let mut row = self.create(new, &previous);
            previous.clone_from(&row.task_id);
            let task = row.task.get_or_insert_default();
            task.set_state(*state);
            if let (true, Some(list)) = (task.list_id.is_empty(), &list) {
                task.list_id.clone_from(&list.id);
            }
            if load.format == pb::Format::Csv {
                *task = Import::of_csv(std::mem::take(task));
            }
            rows.push(row);
        }
        Import {
            format: load.format,
            rows,
            lists: list.into_iter().collect(),
            list_id: load
                .target
                .as_ref()
                .map(|pick| self.list(pick))
                .unwrap_or_default(),
            dry_run: load.dry_run,
            request_id,
        }
    }

    pub(super) fn update(&self, edit: &Edit) -> pb::UpdateTaskRequest {
        let (id, etag) = self.task_target(&edit.target);
        let fields = &edit.fields;
        let named = [
            ("title", fields.title.is_some()),
            ("notes", fields.notes.is_some()),
            ("priority", fields.priority.is_some()),
            ("labels", fields.labels.is_some()),
            ("start", fields.start.is_some()),
            ("due", fields.due.is_some()),
            ("recurrence", fields.rule.is_some()),
        ];
        let named = named
            .into_iter()
            .filter(|(_, is_named)| *is_named)
            .map(|(name, _)| name);
        let paths: Vec<&str> = match edit.masked {
            Masked::Named => named.collect(),
            Masked::Unsaid => Vec::new(),
            Masked::All => vec!["*"],
            Masked::Wrong => named.chain(["state"]).collect(),
        };
        pb::UpdateTaskRequest {
            task: Some(pb::Task {
                id,
                etag,
                ..self.fields(fields)
            }),
            update_mask: Some(prost_types::FieldMask {
                paths: paths.into_iter().map(str::to_owned).collect(),
            }),
            request_id: String::new(),
        }
    }

    pub(super) fn delete(&self, target: &Target) -> pb::DeleteTaskRequest {
        let (id, etag) = self.task_target(target);
        pb::DeleteTaskRequest {
            id,
            etag,
            request_id: String::new(),
        }
    }

    fn fields(&self, fields: &Fields) -> pb::Task {
        let labels = fields.labels.iter().flatten();
        pb::Task {
            title: fields
                .title
                .map(|title| history::title(title, self.who))
                .unwrap_or_default(),
            notes: fields.notes.map(history::notes).unwrap_or_default(),
            priority: fields.priority.unwrap_or_default(),
            labels: labels.map(|label| (*label).to_owned()).collect(),
            start: fields.start.flatten().map(|date| self.when(date)),
            due: fields.due.flatten().map(|date| self.when(date)),
            recurrence: fields.rule.flatten().map(|rule| pb::Recurrence {
                rrule: history::rrule(rule, self.today + Days::new(4)),
                basis: rule.basis,
            }),
            ..pb::Task::default()
        }
    }

    fn when(&self, date: history::Date) -> pb::When {
        let day = self.today + TimeDelta::days(date.days);
        pb::When {
            date: Some(Date {
                year: day.year(),
                month: day.month().cast_signed(),
                day: day.day().cast_signed(),
            }),
            time: date.hour.map(|hours| TimeOfDay {
                hours,
                minutes: 30,
                ..TimeOfDay::default()
            }),
            time_zone: date.zone.to_owned(),
        }
    }

    pub(super) fn occurrence(&self, id: &str, meant: &Occurrence) -> Option<pb::When> {
        let held = self.memory.task(id).ok();
        match meant {
            Occurrence::Unsaid => None,
            Occurrence::Present => held?.task.due.clone(),
            Occurrence::Past(index) => {
                let made = held
                    .map(|held| held.completions.as_slice())
                    .filter(|made| !made.is_empty())?;
                index.get(made).shown.occurrence.clone()
            }
            Occurrence::Never => Some(pb::When {
                date: Some(Date {
                    year: 1999,
                    month: 12,
                    day: 31,
                }),
                ..pb::When::default()
            }),
        }
    }

    pub(super) fn task_position(&self, place: &Place) -> Option<move_task_request::Position> {
        use move_task_request::Position;
        match place {
            Place::Unsaid => None,
            Place::First => Some(Position::First(true)),
            Place::Last => Some(Position::Last(true)),
            Place::Before(pick) => Some(Position::BeforeId(self.task(pick))),
            Place::After(pick) => Some(Position::AfterId(self.task(pick))),
        }
    }

    pub(super) fn list_position(&self, place: &Place) -> Option<move_list_request::Position> {
        use move_list_request::Position;
        match place {
            Place::Unsaid => None,
            Place::First => Some(Position::First(true)),
            Place::Last => Some(Position::Last(true)),
            Place::Before(pick) => Some(Position::BeforeId(self.list(pick))),
            Place::After(pick) => Some(Position::AfterId(self.list(pick))),
        }
    }

    pub(super) fn list_titled(&self, title: usize) -> pb::List {
        pb::List {
            title: history::title(title, self.who),
            ..pb::List::default()
        }
    }
}
