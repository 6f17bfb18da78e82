/** Every action id and callback id that is ever rendered; a test holds that each has a listener. */
export const ACTIONS = {
  approve: "approve",
  reject: "reject",
  cancel: "cancel",
  stopAndRollBack: "stop_and_roll_back",
  rollBack: "roll_back",
  rollBackAsk: "roll_back_ask",
  rollBackSchema: "roll_back_schema",
  stopCountdown: "stop_countdown",
  keepWatching: "keep_watching",
  onIt: "on_it",
  allowAgain: "allow_again",
  attentionAskHosts: "attention_ask_hosts",
  attentionTakeOver: "attention_take_over",
  attentionWays: "attention_ways",
  deployApp: "deploy_app",
  deployEnvironment: "deploy_environment",
  deployRevision: "deploy_revision",
  logFile: "log_file",
  homeDeploy: "home_deploy",
} as const;

/** Buttons that only open a page send a press too; all share one listener. */
export const LINK_PREFIX = "link_";

export const VIEWS = {
  deploy: "deploy",
  reject: "reject",
  rollBack: "roll_back",
  allowAgain: "allow_again",
  resolve: "resolve",
} as const;

export const SHORTCUTS = { newDeploy: "new_deploy", rollBackMessage: "rollback_msg" } as const;

/** Names of the inputs inside the views. */
export const INPUTS = {
  reason: "reason",
  app: "app",
  environment: "environment",
  revision: "revision",
  text: "text",
  to: "to",
  version: "version",
} as const;
