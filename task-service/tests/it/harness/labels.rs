//! What people do with their labels.

use proto::tasks::v1 as pb;
use proto::tasks::v1::label_service_client::LabelServiceClient;
use tonic::transport::Channel;
use tonic::{Response, Status};

use super::Person;

impl Person<'_> {
    pub(crate) fn labels(&self) -> LabelServiceClient<Channel> {
        LabelServiceClient::new(self.channel())
    }

    pub(crate) async fn list_labels(
        &self,
        message: pb::ListLabelsRequest,
    ) -> Result<pb::ListLabelsResponse, Status> {
        let reply = self.labels().list_labels(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    /// The label under its new name.
    pub(crate) async fn rename_label(
        &self,
        message: pb::RenameLabelRequest,
    ) -> Result<Option<pb::Label>, Status> {
        let reply = self.labels().rename_label(self.request(message)).await;
        reply.map(|reply| reply.into_inner().label)
    }

    pub(crate) async fn delete_label(&self, message: pb::DeleteLabelRequest) -> Result<(), Status> {
        let reply = self.labels().delete_label(self.request(message)).await;
        reply.map(drop)
    }
}
