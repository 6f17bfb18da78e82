/**
 * Every length that Slack refuses beyond, and the shorter ones at which our texts still read well (docs.slack.dev, Block Kit
 * reference; @slack/types). Builders cut by these and by nothing else.
 */
export const LIMITS = {
  /** Slack's own. */
  blocks: 50,
  header: 150,
  section: 3000,
  contextText: 2000,
  alertText: 200,
  buttonText: 75,
  buttonValue: 2000,
  buttonUrl: 3000,
  accessibilityLabel: 75,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  optionText: 75,
  optionValue: 150,
  selectOptions: 100,
  viewTitle: 24,
  viewButton: 24,
  privateMetadata: 3000,
  inputLength: 3000,
  inputHint: 150,
  viewBlocks: 100,
  blockId: 255,
  /** chat.update refuses more. */
  messageText: 4000,
  /** Of a picture, for screen readers. */
  fileAlt: 1000,

  /** Ours: what fits a phone and a notification. */
  title: 60,
  buttonLabel: 20,
  text: 800,
  notification: 150,
  changeTitle: 90,
  changesListed: 3,
  authorsMentioned: 8,
  stagesListed: 8,
  hostsDetailed: 3,
  hostsListed: 12,
  sentence: 240,
  name: 60,
  reason: 500,
  preformatted: 2600,
  threadText: 2400,
  dutyText: 400,
} as const;
