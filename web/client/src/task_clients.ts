// The clients of task-service. They stand alone, so that a page that only signs in loads nothing of tasks.

import { createClient, type Client } from "@connectrpc/connect";
import { ChangeService } from "./gen/tandem/tasks/v1/change_service_pb.js";
import { LabelService } from "./gen/tandem/tasks/v1/label_service_pb.js";
import { ListService } from "./gen/tandem/tasks/v1/list_service_pb.js";
import { TaskService } from "./gen/tandem/tasks/v1/task_service_pb.js";
import { TransferService } from "./gen/tandem/tasks/v1/transfer_service_pb.js";
import { UsageService } from "./gen/tandem/tasks/v1/usage_service_pb.js";
import { repeating } from "./retry.js";
import { webWire, withAccessToken, type Tokens, type Wire } from "./transport.js";

/** All of task-service that is for people. */
export interface TaskClients {
  readonly tasks: Client<typeof TaskService>;
  readonly lists: Client<typeof ListService>;
  readonly labels: Client<typeof LabelService>;
  readonly changes: Client<typeof ChangeService>;
  readonly transfer: Client<typeof TransferService>;
  readonly usage: Client<typeof UsageService>;
}

/** Clients for everything about tasks. */
export function taskClients(tokens: Tokens, wire: Wire = webWire()): TaskClients {
  const transport = wire.tasks([repeating(), withAccessToken(tokens)]);
  return {
    tasks: createClient(TaskService, transport),
    lists: createClient(ListService, transport),
    labels: createClient(LabelService, transport),
    changes: createClient(ChangeService, transport),
    transfer: createClient(TransferService, transport),
    usage: createClient(UsageService, transport),
  };
}
