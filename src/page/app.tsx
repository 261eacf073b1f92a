import { Canvas } from './diagram/canvas.tsx';
import { RuleList } from './diagram/rule-list.tsx';
import { viewport, zoomBy, zoomToFit } from './diagram/viewport.ts';
import { Inspector, PictureCover } from './inspector/inspector.tsx';
import { InspectorSwitch } from './inspector/inspector-switch.tsx';
import { isHelpShown, turnHelp } from './panel/help.tsx';
import { Notice } from './panel/notice.tsx';
import { Panel } from './panel/panel.tsx';
import { Search } from './search/search.tsx';
import { leaders, nodes } from './state/cluster-nodes.ts';
import { isPanelOpen } from './state/panel.ts';
import { chart, charts, goTo, listName, selectedTransition, view, views } from './state/place.ts';
import { ThemeChoice } from './theme-choice.tsx';

/** The page: what to show above, the picture in the middle, details beside it. */
export const App = () => (
  <>
    <header>
      <h1>raftchart</h1>
      <InspectorSwitch />
      <Charts />
      <Search />
      <Tools />
    </header>
    <Views />
    <main>
      <Notice />
      {view.value?.name === listName ? (
        <RuleList />
      ) : (
        <>
          <Canvas />
          <Zoom />
        </>
      )}
      <PictureCover />
    </main>
    <Panel />
    <Inspector />
    <News />
  </>
);

const Charts = () => (
  <nav class="charts" aria-label="Charts">
    {charts.value.map(({ name, title }) => (
      <button
        key={name}
        type="button"
        title={title}
        aria-current={name === chart.value?.name ? 'page' : undefined}
        onClick={() => goTo(name)}
      >
        {name}
      </button>
    ))}
  </nav>
);

const Views = () => (
  <nav class="views" aria-label="Views">
    {views.value.map(({ name }) => (
      <button
        key={name}
        type="button"
        aria-current={name === view.value?.name ? 'page' : undefined}
        onClick={() => goTo(chart.value!.name, name)}
      >
        {name === 'full' ? 'everything' : name}
      </button>
    ))}
  </nav>
);

const Tools = () => (
  <div class="tools">
    <ThemeChoice />
    <button type="button" aria-label="Keys" aria-expanded={isHelpShown.value} onClick={turnHelp}>
      <span aria-hidden="true">?</span>
    </button>
    <button
      type="button"
      class="details-switch"
      aria-expanded={isPanelOpen.value}
      onClick={() => {
        isPanelOpen.value = !isPanelOpen.value;
      }}
    >
      Details
    </button>
  </div>
);

const Zoom = () => (
  <div class="zoom">
    <button type="button" aria-label="Zoom out" onClick={() => zoomBy(0.8)}>
      <span aria-hidden="true">−</span>
    </button>
    <button type="button" title="Zoom to fit" onClick={zoomToFit}>
      {Math.round(viewport.value.scale * 100)} %<span class="hidden">, zoom to fit</span>
    </button>
    <button type="button" aria-label="Zoom in" onClick={() => zoomBy(1.25)}>
      <span aria-hidden="true">+</span>
    </button>
  </div>
);

/** Said by screen readers: what is selected, and who leads. */
const News = () => (
  <div class="hidden" aria-live="polite">
    <p>{selectedTransition.value?.description}</p>
    {nodes.value.length > 0 && (
      <p>{leaders.value.length === 0 ? 'No node leads.' : `node${leaders.value.join(', node')} leads.`}</p>
    )}
  </div>
);
